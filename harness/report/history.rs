//! Nights in a row, as tables.

use super::reasons::listed;
use super::sparkline::sparkline;
use super::table::{Cell, Column, Table};
use crate::analysis::{CaseHistory, NightlySeries, case_histories};
use crate::compare::changes;
use crate::record::{Night, Provenance};

type NightColumn<'a> = Column<'static, NightRow<'a>>;

/// A night of a case, with what came before it.
struct NightRow<'a> {
    history: &'a CaseHistory<'a>,
    /// The night's place in the history.
    place: usize,
    night: &'a Night,
}

/// Returns a table for each case over its last nights, the newest at the end. Change points are searched over all
/// nights; a series holds nights of one identity and, for throughput, of one machine.
pub fn history<'a>(nights: impl IntoIterator<Item = &'a Night>, last: usize) -> Vec<Table> {
    let table = |history: &CaseHistory| {
        let first = history.nights.len().saturating_sub(last);
        let bars = |(name, series, _): (&str, &NightlySeries, &str)| {
            series.heights(first).map(|heights| format!("{name:<13} {}", sparkline(&heights)))
        };
        let when = NightColumn::label("night", "night", |row| {
            Cell::text(row.night.began.strftime("%Y-%m-%d %H:%M"))
        });
        let rows = history.nights.iter().enumerate().skip(first);
        let rows = rows.map(|(place, night)| NightRow { history, place, night });
        Table::new(title(history), columns(when), rows)
            .with_notes(measured(history).into_iter().filter_map(bars))
            .with_notes(level_changes(history, first))
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
        let newest = history.nights.iter().enumerate().next_back();
        let Some((place, night)) = newest.filter(|(_, night)| night.run == run) else { continue };
        rows.push(NightRow { history, place, night });
        let first = history.nights.len().saturating_sub(TREND);
        notes.extend(level_changes(history, first).map(|change| format!("{}: {change}", title(history))));
    }
    let name = NightColumn::label("name", "case", |row| Cell::Text(title(row.history)));
    let title = format!("night of {} ({run})", began.strftime("%Y-%m-%d %H:%M"));
    Some(Table::new(title, columns(name), rows).with_notes(notes))
}

/// Returns one table of the last nights of all cases, the newest at the end of each case's.
pub(super) fn nights_of_all(histories: &[CaseHistory], last: usize) -> Table {
    let rows = histories.iter().flat_map(|history| {
        let nights = history.nights.iter().enumerate().skip(history.nights.len().saturating_sub(last));
        nights.map(move |(place, night)| NightRow { history, place, night })
    });
    let name = NightColumn::label("name", "case", |row| Cell::Text(title(row.history)));
    let mut columns = columns(name);
    let when =
        NightColumn::label("night", "night", |row| Cell::text(row.night.began.strftime("%Y-%m-%d %H:%M")));
    columns.insert(1, when);
    Table::new(format!("the last {last} nights"), columns, rows)
}

/// Tells each change of a level in the history of a case, with the case's name.
pub(super) fn all_level_changes(history: &CaseHistory) -> Vec<String> {
    level_changes(history, 0).map(|change| format!("{}: {change}", title(history))).collect()
}

/// Nights over which a night's change points are told.
const TREND: usize = 30;

pub(super) fn title(history: &CaseHistory) -> String {
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
            let night = history.nights[change.night];
            let date = night.began.strftime("%Y-%m-%d");
            let before = series.previous(change.night).map(|place| history.nights[place]);
            let changed = before.map_or_else(String::new, |before| changed(before, night));
            format!("{name} {:+.2} {unit} since {date} (run {}){changed}", change.change * 100.0, night.run)
        })
    })
}

/// Tells what changed from one night to the next, commits first, as far as both nights say it; empty where nothing is
/// known to have changed.
fn changed(before: &Night, night: &Night) -> String {
    let provenance = before.provenance.as_ref().zip(night.provenance.as_ref());
    let fields = provenance.map(|(before, now)| changes(before, now)).unwrap_or_default();
    listed(&fields).map(|list| format!(": {list}")).unwrap_or_default()
}

fn provenance<'a>(row: &NightRow<'a>) -> Option<&'a Provenance> {
    row.night.provenance.as_ref()
}

/// Returns a text where there is one.
fn maybe<T: ToString>(value: Option<&T>) -> Cell {
    Cell::maybe(value, |value| Cell::Text(value.to_string()))
}

/// Returns the columns, the first of which names a row.
fn columns(first: NightColumn<'_>) -> Vec<NightColumn<'_>> {
    let change = |value: Option<f64>| Cell::maybe(value, |value| Cell::Change(value, 2));
    vec![
        first,
        NightColumn::detail("suite", |row| Cell::text(&row.night.suite)),
        NightColumn::detail("case", |row| Cell::text(&row.night.case)),
        NightColumn::new("accuracy", "test %", |row| {
            Cell::percent(row.night.accuracy.map(|accuracy| accuracy.mean), 2)
        }),
        NightColumn::detail("accuracy_deviation", |row| {
            Cell::percent(row.night.accuracy.and_then(|accuracy| accuracy.deviation), 2)
        }),
        NightColumn::detail("seeds", |row| {
            Cell::count(row.night.accuracy.map_or(0, |accuracy| accuracy.seeds))
        }),
        NightColumn::new("accuracy_change", "change", move |row| {
            change(row.history.accuracy.change(row.place))
        }),
        NightColumn::new("loss", "loss", |row| Cell::number(row.night.loss.map(|loss| loss.mean), 4)),
        NightColumn::new("samples_per_second", "samples/s", |row| {
            Cell::number(row.night.step.map(|step| step.samples_per_second), 0)
        }),
        NightColumn::new("throughput_change", "change %", move |row| {
            change(row.history.throughput.change(row.place))
        }),
        NightColumn::detail("step_seconds", |row| Cell::seconds(row.night.step.map(|step| step.seconds))),
        NightColumn::detail("step_calibrated", |row| {
            Cell::number(row.night.step.and_then(|step| step.calibrated), 4)
        }),
        NightColumn::detail("step_spread", |row| {
            Cell::percent(row.night.step.and_then(|step| step.spread), 2)
        }),
        NightColumn::new("accuracy_verdict", "accuracy", |row| {
            Cell::maybe(row.night.verdicts.as_ref(), |verdicts| Cell::text(&verdicts.accuracy))
        }),
        NightColumn::new("throughput_verdict", "throughput", |row| {
            Cell::maybe(row.night.verdicts.as_ref(), |verdicts| Cell::text(&verdicts.throughput))
        }),
        NightColumn::new("change_point", "change point", |row| {
            let accuracy = row.history.accuracy.level_change(row.place);
            let throughput = row.history.throughput.level_change(row.place);
            let accuracy = accuracy.map(|change| format!("accuracy {:+.2}", change * 100.0));
            let throughput = throughput.map(|change| format!("throughput {:+.2} %", change * 100.0));
            Cell::Text(accuracy.into_iter().chain(throughput).collect::<Vec<_>>().join(", "))
        }),
        NightColumn::detail("accuracy_step", move |row| change(row.history.accuracy.level_change(row.place))),
        NightColumn::detail("throughput_step", move |row| {
            change(row.history.throughput.level_change(row.place))
        }),
        NightColumn::detail("run", |row| Cell::text(&row.night.run)),
        NightColumn::detail("identity", |row| Cell::text(&row.night.identity)),
        NightColumn::detail("machine", |row| Cell::text(&row.night.machine)),
        NightColumn::detail("commit", |row| maybe(provenance(row).and_then(|made| made.commit.as_ref()))),
        NightColumn::detail("program_commit", |row| {
            maybe(provenance(row).and_then(|made| made.program.as_ref()?.commit.as_ref()))
        }),
        NightColumn::detail("libtorch", |row| maybe(provenance(row).map(|made| &made.libtorch))),
        NightColumn::detail("processor", |row| maybe(provenance(row).map(|made| &made.processor))),
        NightColumn::detail("kernel", |row| maybe(provenance(row).map(|made| &made.kernel))),
    ]
}
