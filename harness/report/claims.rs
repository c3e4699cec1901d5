//! Published figures beside what was measured.

use super::group::group;
use super::quantity::{SLACK, metric, name};
use super::table::{Cell, Column, Table};
use crate::record::{Run, TrialRecord};
use crate::stats::Summary;
use crate::suite::case::Claim;
use crate::suite::presentation::Quantity;

/// A claim, beside the mean over the seeds of its case.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The suite's name.
    pub suite: String,
    /// The case's name.
    pub case: String,
    /// What was published.
    pub claim: Claim,
    /// Trials that were planned.
    pub trials: usize,
    /// The metric over those that yield it.
    pub measured: Option<Summary>,
    /// What follows.
    pub outcome: Outcome,
}

/// What follows for a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every seed yields the metric, and their mean keeps the bound.
    Met,
    /// Every seed yields the metric, and their mean does not.
    NotMet,
    /// Some seed failed, diverged or has not run: nothing follows.
    Unmeasured,
}

/// Checks every claim of the runs' suites against the records of its case. The records of one
/// experiment under different conditions (another machine, say) are checked apart.
pub fn check(runs: &[Run], records: &[TrialRecord]) -> Vec<Checked> {
    let groups = group(runs, records);
    let mut all: Vec<Checked> = Vec::new();
    for suite in runs.iter().flat_map(|run| &run.suites) {
        for case in &suite.cases {
            let own: Vec<_> = groups
                .iter()
                .filter(|group| suite.name == group.suite)
                .filter(|group| {
                    let first = group.trials.first();
                    first.is_some_and(|r| r.trial.case == case.name && r.trial.experiment == case.experiment)
                })
                .collect();
            for claim in &case.claims {
                let checked = |label: &str, trials: usize, values: &[f64]| Checked {
                    suite: suite.name.to_string(),
                    case: label.to_owned(),
                    claim: claim.clone(),
                    trials,
                    measured: Summary::of(values),
                    outcome: outcome(claim, trials, values),
                };
                if own.is_empty() {
                    all.push(checked(&case.name, case.seeds.len(), &[]));
                }
                for group in &own {
                    let values: Vec<f64> = group
                        .successes()
                        .filter_map(|record| metric(claim.metric, claim.by_epoch, record))
                        .collect();
                    all.push(checked(&group.label, group.trials.len() + group.missing, &values));
                }
            }
        }
    }
    // Runs of one suite state its claims alike.
    let mut distinct: Vec<Checked> = Vec::new();
    for checked in all {
        if !distinct.contains(&checked) {
            distinct.push(checked);
        }
    }
    distinct
}

fn outcome(claim: &Claim, trials: usize, values: &[f64]) -> Outcome {
    let Some(summary) = Summary::of(values).filter(|summary| summary.count == trials) else {
        return Outcome::Unmeasured;
    };
    let high_enough = claim.at_least.is_none_or(|bound| summary.mean >= bound - SLACK);
    let low_enough = claim.at_most.is_none_or(|bound| summary.mean <= bound + SLACK);
    if high_enough && low_enough { Outcome::Met } else { Outcome::NotMet }
}

const COLUMNS: [Column; 12] = [
    Column::new("suite", "suite"),
    Column::new("case", "case"),
    Column::new("metric", "metric"),
    Column::new("by_epoch", "by epoch"),
    Column::new("at_least", "at least"),
    Column::new("at_most", "at most"),
    Column::new("measured", "measured"),
    Column::new("measured_sd", "± sd"),
    Column::new("trials", "seeds"),
    Column::new("succeeded", "ok"),
    Column::new("outcome", "claim"),
    Column::new("source", "source"),
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
