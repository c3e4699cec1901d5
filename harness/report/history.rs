//! Nights in a row, as tables.

use super::sparkline::sparkline;
use super::table::{Cell, Heading, Table};
use crate::analysis::{CaseHistory, NightlySeries, case_histories};
use crate::record::Night;

/// Returns a table for each case over its last nights, the newest at the end. Change points are searched over all
/// nights; a series holds nights of one identity and, for throughput, of one machine.
pub fn history<'a>(nights: impl IntoIterator<Item = &'a Night>, last: usize) -> Vec<Table> {
    let table = |history: &CaseHistory| {
        let first = history.nights.len().saturating_sub(last);
        let mut notes = Vec::new();
        for (name, series, _) in measured(history) {
            notes.extend(series.heights(first).map(|heights| format!("{name:<13} {}", sparkline(&heights))));
        }
        notes.extend(level_changes(history, first));
        Table {
            title: title(history),
            columns: COLUMNS.to_vec(),
            rows: (first..history.nights.len()).map(|night| row(history, night)).collect(),
            labels: 1,
            notes,
        }
    };
    case_histories(nights).iter().map(table).collect()
}

/// Returns the table of one night: a row for each of its cases, with the change since the night before, and the change
/// points of the last nights; `None` if the run is in no night.
pub fn night(nights: &[Night], run: &str) -> Option<Table> {
    let began = nights.iter().find(|night| night.run == run)?.began;
    let histories = case_histories(nights.iter().filter(|night| night.began <= began));
    let mut rows = Vec::new();
    let mut notes = Vec::new();
    for history in &histories {
        let newest = history.nights.len() - 1;
        if history.nights[newest].run != run {
            continue;
        }
        let first = history.nights.len().saturating_sub(TREND);
        notes.extend(level_changes(history, first).map(|note| format!("{}: {note}", title(history))));
        let named = std::iter::once(Cell::Text(title(history)));
        rows.push(named.chain(row(history, newest).into_iter().skip(1)).collect());
    }
    let mut columns = COLUMNS.to_vec();
    columns[0] = Heading::new("name", "case");
    let title = format!("night of {} ({run})", began.strftime("%Y-%m-%d %H:%M"));
    Some(Table { title, columns, labels: 1, rows, notes })
}

/// Nights over which a night's change points are told.
const TREND: usize = 30;

fn title(history: &CaseHistory) -> String {
    format!("{}/{}", history.suite, history.case)
}

/// What is measured of a case, with its name and the unit of its changes.
fn measured<'h, 'a>(
    history: &'h CaseHistory<'a>,
) -> [(&'static str, &'h NightlySeries<'a>, &'static str); 2] {
    [("test accuracy", &history.accuracy, "points"), ("throughput", &history.throughput, "%")]
}

/// Tells each change of a level since the night at place `first`.
fn level_changes(history: &CaseHistory, first: usize) -> impl Iterator<Item = String> {
    measured(history).into_iter().flat_map(move |(name, series, unit)| {
        let recent = series.level_changes.iter().filter(move |change| change.night >= first);
        recent.map(move |change| {
            let Night { began, run, .. } = history.nights[change.night];
            let date = began.strftime("%Y-%m-%d");
            format!("{name} {:+.2} {unit} since {date} (run {run})", change.change * 100.0)
        })
    })
}

const COLUMNS: [Heading; 21] = [
    Heading::new("night", "night"),
    Heading::detail("suite"),
    Heading::detail("case"),
    Heading::new("accuracy", "test %"),
    Heading::detail("accuracy_deviation"),
    Heading::detail("seeds"),
    Heading::new("accuracy_change", "change"),
    Heading::new("loss", "loss"),
    Heading::new("samples_per_second", "samples/s"),
    Heading::new("throughput_change", "change %"),
    Heading::detail("step_seconds"),
    Heading::detail("step_calibrated"),
    Heading::detail("step_spread"),
    Heading::new("accuracy_verdict", "accuracy"),
    Heading::new("throughput_verdict", "throughput"),
    Heading::new("change_point", "change point"),
    Heading::detail("accuracy_step"),
    Heading::detail("throughput_step"),
    Heading::detail("run"),
    Heading::detail("identity"),
    Heading::detail("machine"),
];

fn row(history: &CaseHistory, index: usize) -> Vec<Cell> {
    let CaseHistory { nights, accuracy, throughput, .. } = history;
    let night = nights[index];
    let percent = |value| Cell::Change(value, 2);
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut marks = Vec::new();
    marks.extend(accuracy.level_change(index).map(|step| format!("accuracy {:+.2}", step * 100.0)));
    marks.extend(throughput.level_change(index).map(|step| format!("throughput {:+.2} %", step * 100.0)));
    let verdicts = night.verdicts.as_ref();
    vec![
        Cell::Text(night.began.strftime("%Y-%m-%d %H:%M").to_string()),
        text(&night.suite),
        text(&night.case),
        Cell::maybe(night.accuracy, |accuracy| Cell::Percent(accuracy.mean, 2)),
        Cell::maybe(night.accuracy.and_then(|accuracy| accuracy.deviation), |value| Cell::Percent(value, 2)),
        Cell::Count(night.accuracy.map_or(0, |accuracy| accuracy.seeds as u64)),
        Cell::maybe(accuracy.change(index), percent),
        Cell::maybe(night.loss, |loss| Cell::Number(loss.mean, 4)),
        Cell::maybe(night.step, |step| Cell::Number(step.samples_per_second, 0)),
        Cell::maybe(throughput.change(index), percent),
        Cell::maybe(night.step, |step| Cell::Seconds(step.seconds)),
        Cell::maybe(night.step.and_then(|step| step.calibrated), |value| Cell::Number(value, 4)),
        Cell::maybe(night.step.and_then(|step| step.spread), |value| Cell::Percent(value, 2)),
        Cell::maybe(verdicts, |verdicts| text(&verdicts.accuracy)),
        Cell::maybe(verdicts, |verdicts| text(&verdicts.throughput)),
        Cell::Text(marks.join(", ")),
        Cell::maybe(accuracy.level_change(index), percent),
        Cell::maybe(throughput.level_change(index), percent),
        text(&night.run),
        text(&night.identity),
        text(&night.machine),
    ]
}
