//! The table of published figures beside what was measured.

use super::quantity::name;
use super::table::{Cell, Heading, Table};
use crate::analysis::{Checked, Outcome};
use crate::record::Run;
use crate::suite::presentation::Quantity;

const COLUMNS: [Heading; 12] = [
    Heading::new("suite", "suite"),
    Heading::new("case", "case"),
    Heading::new("metric", "metric"),
    Heading::new("by_epoch", "by epoch"),
    Heading::new("at_least", "at least"),
    Heading::new("at_most", "at most"),
    Heading::new("measured", "measured"),
    Heading::new("measured_sd", "± sd"),
    Heading::new("trials", "seeds"),
    Heading::new("succeeded", "ok"),
    Heading::new("outcome", "claim"),
    Heading::new("source", "source"),
];

/// The table of claims, with what the authors of the runs' suites say about those that are not met;
/// none where there are no claims.
pub fn claims(runs: &[Run], checked: &[Checked]) -> Option<Table> {
    let mut notes =
        vec!["measured: mean over seeds; of train and validation metrics the best epoch".to_owned()];
    let missed = |suite: &str| checked.iter().any(|c| c.suite == suite && c.outcome == Outcome::NotMet);
    for suite in runs.iter().flat_map(|run| &run.suites).filter(|suite| missed(&suite.name)) {
        let note = format!("{}: {}", suite.name, suite.analysis);
        if !suite.analysis.is_empty() && !notes.contains(&note) {
            notes.push(note);
        }
    }
    (!checked.is_empty()).then(|| Table {
        title: "claims against measured".to_owned(),
        columns: COLUMNS.to_vec(),
        labels: 3,
        rows: checked.iter().map(row).collect(),
        notes,
    })
}

fn row(checked: &Checked) -> Vec<Cell> {
    let claim = &checked.claim;
    let number = |value: Option<f64>| {
        Cell::maybe(value, |value| match claim.metric {
            metric if metric.is_accuracy() => Cell::Percent(value, 2),
            metric if metric.is_epoch() => Cell::Number(value, 1),
            _ => Cell::Number(value, 4),
        })
    };
    let outcome = match checked.outcome {
        Outcome::Met => "met",
        Outcome::NotMet => "not met",
        Outcome::Unmeasured => "unmeasured",
    };
    vec![
        Cell::Text(checked.suite.clone()),
        Cell::Text(checked.case.clone()),
        Cell::Text(name(Quantity::Metric(claim.metric)).to_owned()),
        Cell::maybe(claim.by_epoch, |epoch| Cell::Count(epoch.into())),
        number(claim.at_least),
        number(claim.at_most),
        number(checked.measured.map(|measured| measured.mean)),
        number(checked.measured.and_then(|measured| measured.deviation)),
        Cell::Count(checked.trials as u64),
        Cell::Count(checked.measured.map_or(0, |measured| measured.count) as u64),
        Cell::Text(outcome.to_owned()),
        Cell::Text(claim.source.clone()),
    ]
}
