//! The table of published figures beside what was measured.

use super::metric::cell;
use super::table::{Cell, Column, Table};
use crate::analysis::{Checked, Outcome};
use crate::metrics::Unit;
use crate::record::Run;

type ClaimColumn<'a> = Column<'a, Checked>;

/// Returns the table of claims, with what the authors of the runs' suites say about those that are not met; `None` if
/// there are no claims.
pub fn claims(runs: &[Run], checked: &[Checked]) -> Option<Table> {
    let suite = ClaimColumn::label("suite", "suite", |checked| Cell::text(&checked.suite));
    table(runs, checked, std::iter::once(suite).chain(columns(runs)).collect())
}

/// Returns the same table for the claims of one suite, without a column for the suite.
pub(super) fn claims_of_suite(runs: &[Run], checked: &[Checked]) -> Option<Table> {
    table(runs, checked, columns(runs))
}

fn table(runs: &[Run], checked: &[Checked], columns: Vec<ClaimColumn<'_>>) -> Option<Table> {
    if checked.is_empty() {
        return None;
    }
    let mut notes =
        vec!["measured: mean over seeds; of train and validation metrics the best epoch".to_owned()];
    let missed = |suite: &str| checked.iter().any(|c| c.suite == suite && c.outcome == Outcome::NotMet);
    for suite in runs.iter().flat_map(|run| &run.suites).filter(|suite| missed(&suite.name)) {
        let note = format!("{}: {}", suite.name, suite.analysis);
        if !suite.analysis.is_empty() && !notes.contains(&note) {
            notes.push(note);
        }
    }
    Some(Table::new("claims against measured", columns, checked).with_notes(notes))
}

/// Returns the names of the classes that the case of a claim has.
fn class_names<'r>(runs: &'r [Run], checked: &Checked) -> &'r [String] {
    let names = |run: &'r Run| {
        let suite = run.suites.iter().find(|suite| suite.name == checked.suite)?;
        let case = suite.cases.iter().find(|case| case.name == checked.case)?;
        run.class_names.get(&case.experiment.data.dataset)
    };
    runs.iter().find_map(names).map_or(&[], Vec::as_slice)
}

fn columns(runs: &[Run]) -> Vec<ClaimColumn<'_>> {
    vec![
        ClaimColumn::label("case", "case", |checked| Cell::text(&checked.case)),
        ClaimColumn::label("metric", "metric", |checked| {
            Cell::text(checked.claim.metric.heading_with(class_names(runs, checked)))
        }),
        ClaimColumn::new("by_epoch", "by epoch", |checked| {
            Cell::maybe(checked.claim.by_epoch, |epoch| Cell::Count(epoch.into()))
        }),
        ClaimColumn::new("at_least", "at least", |checked| value(checked, checked.claim.at_least)),
        ClaimColumn::new("at_most", "at most", |checked| value(checked, checked.claim.at_most)),
        ClaimColumn::new("measured", "measured", |checked| {
            value(checked, checked.measured.map(|measured| measured.mean))
        }),
        ClaimColumn::new("measured_sd", "± sd", |checked| {
            value(checked, checked.measured.and_then(|measured| measured.deviation))
        }),
        ClaimColumn::new("trials", "seeds", |checked| Cell::count(checked.trials)),
        ClaimColumn::new("succeeded", "ok", |checked| {
            Cell::count(checked.measured.map_or(0, |measured| measured.count))
        }),
        ClaimColumn::new("outcome", "claim", |checked| Cell::text(outcome(checked.outcome))),
        ClaimColumn::new("source", "source", |checked| Cell::text(&checked.claim.source)),
    ]
}

/// Returns a value of the claim's metric as a cell.
fn value(checked: &Checked, value: Option<f64>) -> Cell {
    let metric = checked.claim.metric;
    match metric.unit() {
        Unit::Epochs => Cell::number(value, 1),
        _ => Cell::maybe(value, |value| cell(metric, value)),
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "met",
        Outcome::NotMet => "not met",
        Outcome::Unmeasured => "unmeasured",
    }
}
