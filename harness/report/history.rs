//! Nights in a row: accuracy and throughput of each case, and where their level changed.

use std::collections::BTreeMap;

use super::sparkline::sparkline;
use super::table::{Cell, Column, Table};
use crate::listing::Natural;
use crate::record::Night;
use crate::stats::change_points;

/// One table a case over its last nights, the newest at the end. Change points are searched over all
/// nights; a series holds nights of one identity and, for throughput, of one machine.
pub fn history<'a>(nights: impl IntoIterator<Item = &'a Night>, last: usize) -> Vec<Table> {
    let mut cases: BTreeMap<(Natural, Natural), Vec<&Night>> = BTreeMap::new();
    for night in nights {
        cases.entry((Natural(&night.suite), Natural(&night.case))).or_default().push(night);
    }
    let table = |((Natural(suite), Natural(case)), mut nights): ((Natural, Natural), Vec<&Night>)| {
        nights.sort_by_key(|night| night.began);
        of_case(format!("{suite}/{case}"), &nights, last)
    };
    cases.into_iter().map(table).collect()
}

/// One night: a row for each of its cases, with the change since the night before, and the change
/// points of the last nights.
pub fn night(nights: &[Night], run: &str) -> Option<Table> {
    let began = nights.iter().find(|night| night.run == run)?.began;
    let until = nights.iter().filter(|night| night.began <= began);
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for table in history(until, TREND) {
        let is_of_run = |row: &&Vec<Cell>| row.contains(&Cell::Text(run.to_owned()));
        let Some(row) = table.rows.last().filter(is_of_run) else { continue };
        let changed = table.notes.iter().filter(|note| note.contains(" since "));
        notes.extend(changed.map(|note| format!("{}: {note}", table.title)));
        rows.push(
            std::iter::once(Cell::Text(table.title.clone())).chain(row.iter().skip(1).cloned()).collect(),
        );
    }
    let mut columns = COLUMNS.to_vec();
    columns[0] = Column::new("name", "case");
    let title = format!("night of {} ({run})", began.strftime("%Y-%m-%d %H:%M"));
    Some(Table { title, columns, labels: 1, rows, notes })
}

/// Nights over which a night's change points are told.
const TREND: usize = 30;

fn of_case(title: String, nights: &[&Night], last: usize) -> Table {
    let first = nights.len().saturating_sub(last);
    let accuracy = Trace::new(
        nights.iter().map(|night| Some((Series::of(night), night.accuracy?.mean))).collect(),
        |before, after| after - before,
        |value| value,
    );
    let throughput = Trace::new(
        nights.iter().map(|night| time(night)).collect(),
        |before, after| (before - after).exp() - 1.0,
        |time| -time,
    );
    let mut notes = Vec::new();
    let measured = [("test accuracy", &accuracy, "points"), ("throughput", &throughput, "%")];
    for (name, trace, _) in measured {
        notes.extend(trace.drawn(first).map(|bars| format!("{name:<13} {bars}")));
    }
    for (name, trace, unit) in measured {
        for &(index, step) in trace.steps.iter().filter(|(index, _)| *index >= first) {
            let Night { began, run, .. } = nights[index];
            let date = began.strftime("%Y-%m-%d");
            notes.push(format!("{name} {:+.2} {unit} since {date} (run {run})", step * 100.0));
        }
    }
    Table {
        title,
        columns: COLUMNS.to_vec(),
        rows: (first..nights.len()).map(|index| row(nights[index], index, &accuracy, &throughput)).collect(),
        labels: 1,
        notes,
    }
}

const COLUMNS: [Column; 21] = [
    Column::new("night", "night"),
    Column::detail("suite"),
    Column::detail("case"),
    Column::new("accuracy", "test %"),
    Column::detail("accuracy_deviation"),
    Column::detail("seeds"),
    Column::new("accuracy_change", "change"),
    Column::new("loss", "loss"),
    Column::new("samples_per_second", "samples/s"),
    Column::new("throughput_change", "change %"),
    Column::detail("step_seconds"),
    Column::detail("step_calibrated"),
    Column::detail("step_spread"),
    Column::new("accuracy_verdict", "accuracy"),
    Column::new("throughput_verdict", "throughput"),
    Column::new("change_point", "change point"),
    Column::detail("accuracy_step"),
    Column::detail("throughput_step"),
    Column::detail("run"),
    Column::detail("identity"),
    Column::detail("machine"),
];

fn row(night: &Night, index: usize, accuracy: &Trace, throughput: &Trace) -> Vec<Cell> {
    let percent = |value| Cell::Change(value, 2);
    let text = |text: &str| Cell::Text(text.to_owned());
    let mut marks = Vec::new();
    marks.extend(accuracy.step(index).map(|step| format!("accuracy {:+.2}", step * 100.0)));
    marks.extend(throughput.step(index).map(|step| format!("throughput {:+.2} %", step * 100.0)));
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
        Cell::maybe(accuracy.step(index), percent),
        Cell::maybe(throughput.step(index), percent),
        text(&night.run),
        text(&night.identity),
        text(&night.machine),
    ]
}

/// The logarithm of the time of a step, calibrated where that can be, and its series.
fn time(night: &Night) -> Option<(Series<'_>, f64)> {
    let step = night.step?;
    let (unit, time) = step.calibrated.map_or(("seconds", step.seconds), |time| ("calibrated", time));
    let finite = (time > 0.0 && time.is_finite()).then(|| time.ln())?;
    Some((Series { machine: &night.machine, unit, ..Series::of(night) }, finite))
}

/// What nights have in common that may be compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Series<'a> {
    identity: &'a str,
    machine: &'a str,
    unit: &'a str,
}

impl<'a> Series<'a> {
    /// Of results that are the same on every machine.
    fn of(night: &'a Night) -> Self {
        Series { identity: &night.identity, machine: "", unit: "" }
    }
}

/// One metric over the nights of a case.
struct Trace<'a> {
    /// Its series and its value, night by night.
    values: Vec<Option<(Series<'a>, f64)>>,
    /// Where its level changed: the night's index, and the change as a fraction.
    steps: Vec<(usize, f64)>,
    between: fn(f64, f64) -> f64,
    height: fn(f64) -> f64,
}

impl<'a> Trace<'a> {
    /// `between` gives the change from one value to another, `height` what is drawn of a value.
    fn new(
        values: Vec<Option<(Series<'a>, f64)>>,
        between: fn(f64, f64) -> f64,
        height: fn(f64) -> f64,
    ) -> Self {
        let mut series: BTreeMap<Series, (Vec<usize>, Vec<f64>)> = BTreeMap::new();
        for (index, (name, value)) in values.iter().enumerate().filter_map(|(i, value)| Some((i, (*value)?)))
        {
            let (indices, values) = series.entry(name).or_default();
            indices.push(index);
            values.push(value);
        }
        let step = |(indices, values): (Vec<usize>, Vec<f64>)| {
            let points = change_points(&values).into_iter();
            points.map(move |point| (indices[point.index], between(point.before, point.after)))
        };
        let mut steps: Vec<(usize, f64)> = series.into_values().flat_map(step).collect();
        steps.sort_by_key(|&(index, _)| index);
        Trace { values, steps, between, height }
    }

    /// The change since the night before of the same series.
    fn change(&self, index: usize) -> Option<f64> {
        let (series, value) = self.values[index]?;
        let before = self.values[..index].iter().rev().flatten().find(|(other, _)| *other == series)?;
        Some((self.between)(before.1, value))
    }

    fn step(&self, index: usize) -> Option<f64> {
        self.steps.iter().find(|&&(at, _)| at == index).map(|&(_, step)| step)
    }

    /// The nights from `first` on as bars, without those of other series than the newest; none where
    /// there are none.
    fn drawn(&self, first: usize) -> Option<String> {
        let (newest, _) = self.values.iter().rev().flatten().next()?;
        let height = |value: &Option<(Series, f64)>| {
            value.filter(|(series, _)| series == newest).map(|(_, value)| (self.height)(value))
        };
        Some(sparkline(&self.values[first..].iter().map(height).collect::<Vec<_>>()))
    }
}
