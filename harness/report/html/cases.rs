//! Charts with a row for each case: values of seeds or processes, and an interval of their mean.

use super::document::Document;
use super::drawn::{DrawnAxis, DrawnFigure, DrawnMark, DrawnSeries, DrawnView, Short, flat};
use crate::analysis::{Group, Measure, named, process_speeds};
use crate::compare::CaseFinding;
use crate::record::Measurement;
use crate::report::throughput::throughput;
use crate::stats::{Interval, Summary, mean_interval};

/// So many cases are drawn in one chart; a table holds all.
const DRAWN: usize = 40;

/// A case with its values, each of which has a name.
struct CaseValues {
    name: String,
    values: Vec<(String, f64)>,
}

/// Returns the accuracy of each case over its seeds, the best first.
pub(super) fn accuracies(groups: &[Group], measure: Measure) -> DrawnFigure {
    let value = |group: &Group| {
        let scored = group.successes().filter_map(|record| {
            let score = measure.score(record)?;
            Some((format!("seed {}", record.trial.seed), score.accuracy * 100.0))
        });
        CaseValues { name: named(group, groups), values: scored.collect() }
    };
    let x = DrawnAxis::new("lin", format!("{} accuracy %", measure.name()));
    let title = format!("{} accuracy by case", capital(measure.name()));
    let mut figure = by_case(title, x, groups.iter().map(value).collect(), "seed");
    for range in figure.views.iter_mut().filter_map(|view| view.x.range.as_mut()) {
        *range = [Short(range[0].0.max(0.0)), Short(range[1].0.min(100.0))];
    }
    figure
}

/// Returns the throughput of each case's trials while they trained.
pub(super) fn training_speeds(groups: &[Group]) -> DrawnFigure {
    let value = |group: &Group| {
        let speeds = group.successes().filter_map(|record| {
            Some((format!("seed {}", record.trial.seed), record.results().throughput()?))
        });
        CaseValues { name: named(group, groups), values: speeds.collect() }
    };
    let x = DrawnAxis::new("log", "samples/s");
    let title = "Throughput while training, by case";
    let mut figure = by_case(title.to_owned(), x, groups.iter().map(value).collect(), "seed");
    figure.notes.extend(groups.iter().flat_map(|group| group.of_speed.clone()));
    figure
}

/// A section on what was measured of the throughput of training steps; none if nothing was.
pub(super) fn measured(page: &mut Document, measurements: &[Measurement]) {
    let Some(table) = throughput(measurements) else { return };
    page.section("throughput", "Throughput");
    let several = measurements.windows(2).any(|pair| pair[0].trial.suite != pair[1].trial.suite);
    let of = |measurement: &Measurement| {
        let trial = &measurement.trial;
        let suite = if several { format!("{}/", trial.suite) } else { String::new() };
        let attempt = match measurement.attempt {
            1 => String::new(),
            attempt => format!(" ({attempt})"),
        };
        let named = (1..).map(|number| format!("process {number}"));
        CaseValues {
            name: format!("{suite}{}{attempt}", trial.case),
            values: named.zip(process_speeds(measurement)).collect(),
        }
    };
    let x = DrawnAxis::new("log", "samples/s");
    let cases = measurements.iter().map(of).collect();
    page.figure(&by_case("Measured throughput of training steps".to_owned(), x, cases, "process"));
    page.table(&table);
}

/// Returns the time of each case's steps as a ratio to the baseline's; empty if none was measured on both sides.
pub(super) fn time_ratios(findings: &[CaseFinding]) -> DrawnFigure {
    let several = findings.windows(2).any(|pair| pair[0].suite != pair[1].suite);
    let mut names = Vec::new();
    let mut marks = vec![DrawnMark::new("rule", flat([[1.0]]))];
    for finding in findings {
        let Some(figures) = finding.throughput.figures.filter(|_| names.len() < DRAWN) else { continue };
        let at = names.len() as f64;
        let Interval { low, high } = figures.interval;
        let threshold = 100.0 * figures.threshold;
        let said = format!("{}; threshold {threshold:.1} %", finding.throughput.verdict.name());
        marks.push(DrawnMark::new("bar", flat([[at, low, figures.ratio, high]])).labelled(vec![said]));
        let suite = if several { format!("{}/", finding.suite) } else { String::new() };
        names.push(format!("{suite}{}", finding.case));
    }
    if names.is_empty() {
        return DrawnFigure::new("", Vec::new(), Vec::new());
    }
    let x = DrawnAxis::new("log", "time of the run / time of the baseline");
    let mut figure = of_categories("Time of a step against the baseline's".to_owned(), x, names, marks);
    figure.notes.push(
        "above 1 is slower; the intervals hold the true ratios of all cases at once, each side with the stated error \
         rate"
        .to_owned(),
    );
    figure
}

fn by_case(title: String, x: DrawnAxis, cases: Vec<CaseValues>, of: &str) -> DrawnFigure {
    let mut cases = cases;
    cases.retain(|case| !case.values.is_empty());
    let all = cases.len();
    cases.truncate(DRAWN);
    let mut marks = Vec::new();
    let mut several = false;
    for (place, case) in cases.iter().enumerate() {
        let values: Vec<f64> = case.values.iter().map(|(_, value)| *value).collect();
        let all = Summary::of(&values);
        if let Some((all, Interval { low, high })) =
            all.as_ref().and_then(|all| Some((all, mean_interval(all)?)))
        {
            several = true;
            marks.push(DrawnMark::new("bar", flat([[place as f64, low, all.mean, high]])));
        }
        let points = flat(values.iter().map(|value| [*value, place as f64]));
        let labels = case.values.iter().map(|(name, _)| name.clone()).collect();
        marks.push(DrawnMark::new("points", points).labelled(labels));
    }
    let x = DrawnAxis { range: range(&cases, x.scale == "log"), ..x };
    let names = cases.into_iter().map(|case| case.name).collect();
    let mut figure = of_categories(title, x, names, marks);
    figure.notes.push(if several {
        format!("points: each {of}; bars: Student's 95 % interval of the mean, which is the line in it")
    } else {
        format!("points: each {of}")
    });
    if all > DRAWN {
        figure.notes.push(format!("{DRAWN} of {all} cases are drawn; the table holds all"));
    }
    figure
}

/// The ends of the axis: as far as the values, and as intervals as far as that leaves the values to be told apart.
fn range(cases: &[CaseValues], is_log: bool) -> Option<[Short; 2]> {
    let values = || cases.iter().flat_map(|case| case.values.iter().map(|(_, value)| *value));
    let low = values().filter(|value| value.is_finite()).reduce(f64::min)?;
    let high = values().filter(|value| value.is_finite()).reduce(f64::max)?;
    let room = if high > low { 0.3 * (high - low) } else { 0.05 * high.abs().max(1e-9) };
    let least = if is_log { (low / 1.15).max(low - room) } else { low - room };
    let most = if is_log { high * 1.15 } else { high + room };
    Some([Short(least), Short(most)])
}

fn of_categories(title: String, x: DrawnAxis, names: Vec<String>, marks: Vec<DrawnMark>) -> DrawnFigure {
    let view = DrawnView {
        name: String::new(),
        x,
        y: DrawnAxis::categories(names),
        shared: Vec::new(),
        series: vec![DrawnSeries::new(0, marks)],
    };
    DrawnFigure::new(title, vec![String::new()], vec![view])
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}
