//! Published figures beside what was measured.

use super::group::{group, is_of_speed};
use crate::metrics::SLACK;
use crate::record::{Run, TrialRecord};
use crate::stats::Summary;
use crate::suite::case::Claim;

/// A claim, beside the mean over the seeds of its case.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The name of the suite.
    pub suite: String,
    /// The name of the case.
    pub case: String,
    /// The published figure, and its bound.
    pub claim: Claim,
    /// The number of trials that were planned.
    pub trials: usize,
    /// The metric over the trials that yield it; `None` if none does.
    pub measured: Option<Summary>,
    /// What follows for the claim.
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

/// Checks every claim of the runs' suites against the records of its case, and returns one result for each claim and
/// each set of conditions: records of one experiment in different numerics classes, for instance, are checked apart, and so are
/// times and speeds on different processors.
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
                let value = |record: &TrialRecord| {
                    claim.metric.value(&record.results().up_to(claim.by_epoch.unwrap_or(u32::MAX)))
                };
                for group in &own {
                    let processors = group.by_processor();
                    let bad = group.trials.len() - group.successes().count();
                    if is_of_speed(claim.metric) && processors.len() > 1 {
                        for (processor, trials) in processors {
                            let values: Vec<f64> = trials.iter().filter_map(|record| value(record)).collect();
                            all.push(checked(
                                &format!("{} on {processor}", group.label),
                                trials.len() + bad + group.missing,
                                &values,
                            ));
                        }
                        continue;
                    }
                    let values: Vec<f64> = group.successes().filter_map(value).collect();
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
    // A target that some seed never reached makes the mean infinite.
    if values.len() == trials && values.contains(&f64::INFINITY) {
        return if claim.at_most.is_some() { Outcome::NotMet } else { Outcome::Met };
    }
    let Some(summary) = Summary::of(values).filter(|summary| summary.count == trials) else {
        return Outcome::Unmeasured;
    };
    let high_enough = claim.at_least.is_none_or(|bound| summary.mean >= bound - SLACK);
    let low_enough = claim.at_most.is_none_or(|bound| summary.mean <= bound + SLACK);
    if high_enough && low_enough { Outcome::Met } else { Outcome::NotMet }
}
