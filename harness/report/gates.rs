//! What a run found of the metrics of its suite's gates, against its baseline.

use super::metric::cell;
use super::reasons::told;
use super::table::{Cell, Column, Table};
use crate::compare::{CaseFinding, GateFigures, GateFinding};

/// A case's name, and what is found of one of its metrics.
pub(super) type GateRow = (String, GateFinding);

type GateColumn = Column<'static, GateRow>;

/// Returns a table with a row for each metric of each case of a suite. Returns `None` if the suite gates none.
pub(super) fn gates(findings: &[CaseFinding]) -> Option<Table> {
    let suite = &findings.first()?.suite;
    let of_case = |one: &CaseFinding| {
        let rows = one.gates.iter().map(|gate| (one.case.clone(), gate.clone()));
        rows.collect::<Vec<_>>()
    };
    let rows: Vec<GateRow> = findings.iter().flat_map(of_case).collect();
    if rows.is_empty() { None } else { Some(table(suite, &rows)) }
}

/// Returns the table of these rows of a suite.
pub(super) fn table(suite: &str, rows: &[GateRow]) -> Table {
    let notes = rows.iter().flat_map(|(case, gate)| {
        told(&gate.finding).into_iter().map(move |reason| format!("{case}: {reason}"))
    });
    Table::new(format!("{suite}: gates"), columns(rows), rows).with_notes(notes)
}

fn columns(rows: &[GateRow]) -> Vec<GateColumn> {
    let is_failed =
        |(_, found): &GateRow| found.finding.figures.is_some_and(|figures| figures.failed != (0, 0));
    let any_failed = rows.iter().any(is_failed);
    vec![
        GateColumn::label("case", "case", |(case, _)| Cell::text(case)),
        GateColumn::label("metric", "metric", |(_, found)| Cell::text(found.gate.metric)),
        GateColumn::new("verdict", "verdict", |(_, found)| Cell::text(found.finding.verdict.name())),
        GateColumn::new("baseline", "baseline", |row| value(row, |figures| figures.old)),
        GateColumn::new("run", "run", |row| value(row, |figures| figures.new)),
        GateColumn::new("margin", "margin", |(_, found)| cell(found.gate.metric, found.gate.margin)),
        GateColumn::detail("seeds_baseline", figure(|figures| Cell::count(figures.seeds.0))),
        GateColumn::detail("seeds_run", figure(|figures| Cell::count(figures.seeds.1))),
        GateColumn::new("failed_baseline", "failed", figure(|figures| Cell::count(figures.failed.0)))
            .shown_if(any_failed),
        GateColumn::new("failed_run", "run", figure(|figures| Cell::count(figures.failed.1)))
            .shown_if(any_failed),
        GateColumn::detail("p_beyond_margin", figure(|figures| Cell::Number(figures.p_beyond_margin, 4))),
        GateColumn::detail("p_worse", figure(|figures| Cell::Number(figures.p_worse, 4))),
        GateColumn::detail("p_better", figure(|figures| Cell::Number(figures.p_better, 4))),
        GateColumn::detail("reasons", |(_, found)| Cell::text(told(&found.finding).join("; "))),
    ]
}

fn figure(cell: fn(&GateFigures) -> Cell) -> impl Fn(&GateRow) -> Cell {
    move |(_, found)| found.finding.figures.as_ref().map_or(Cell::Missing, cell)
}

/// Returns a mean as the metric is written.
fn value((_, found): &GateRow, of: fn(&GateFigures) -> Option<f64>) -> Cell {
    Cell::maybe(found.finding.figures.as_ref().and_then(of), |value| cell(found.gate.metric, value))
}
