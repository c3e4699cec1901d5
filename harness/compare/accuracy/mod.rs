//! Whether accuracy and loss got worse, over the seeds of each case.
//!
//! Per case three hypotheses are tested, each by an exact permutation test over the seeds
//! ([`permutation_test`]) and each adjusted by Holm over all cases ([`holm`]):
//!
//! - *worse by the margin or more*. Where it is rejected for accuracy and for loss (each at the full
//!   level, as both must be rejected: Berger, "Multiparameter hypothesis testing and acceptance
//!   sampling", Technometrics 24:4, 1982), the case is unchanged: it is wrongly so with probability
//!   at most alpha over all cases.
//! - *not worse*, against worse in accuracy or loss. Where it is rejected and the metric was not
//!   shown to be within its margin, the case is regressed: without any change one is so with
//!   probability at most alpha over all cases. A drop that is sure but smaller than the margin is
//!   what the margin allows: unchanged, and told.
//! - *not better*. Where it is rejected, what is unchanged is improved.
//!
//! Else there are too few seeds to tell. The margin is a shift of the accuracies and a factor of the
//! losses, so that both hypotheses at their boundary say that all seeds are of one distribution,
//! which is what makes the test exact.

mod advice;
mod judge;
mod samples;
mod seeds;

use judge::{Tests, largest, smallest};
use samples::{Samples, metrics};
pub(super) use seeds::is_identical;
use seeds::{failures, is_retraced, left_out, names, unscored};

use super::verdict::{Finding, Terms, Verdict};
use crate::record::{CaseResults, SeedResult};
use crate::stats::holm;
#[cfg(doc)]
use crate::stats::permutation_test;

/// Means over the seeds compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccuracyFigures {
    /// How many seeds of the baseline, and of the run.
    pub seeds: (usize, usize),
    /// Mean accuracy of the baseline, and of the run.
    pub accuracy: (f64, f64),
    /// Mean loss of the baseline, and of the run.
    pub loss: (f64, f64),
    /// p of `worse by the margin or more`, adjusted; none where no test was needed.
    pub p_beyond_margin: Option<f64>,
    /// p of `not worse`, adjusted.
    pub p_worse: Option<f64>,
    /// p of `not better`, adjusted.
    pub p_better: Option<f64>,
}

/// A comparison of one case: settled without a test, or to be tested in the family of all.
#[derive(Debug)]
pub(super) enum Step {
    Settled(Finding<AccuracyFigures>),
    Test(Samples, Finding<AccuracyFigures>),
}

/// What can be said of comparable cases without a test. The seeds that both have are compared; with
/// `every_seed`, all.
pub(super) fn first_step(old: &CaseResults, new: &CaseResults, every_seed: bool) -> Step {
    let chosen = |side: &CaseResults, other: &CaseResults| -> Vec<SeedResult> {
        let both = |result: &&SeedResult| every_seed || other.seed(result.seed).is_some();
        side.seeds.iter().filter(both).cloned().collect()
    };
    let (old_seeds, new_seeds) = (chosen(old, new), chosen(new, old));
    let mut reasons = Vec::new();
    if let Some(left) = left_out(&old.seeds, &old_seeds) {
        reasons.push(format!("{left} of the baseline: not in the run"));
    }
    if let Some(left) = left_out(&new.seeds, &new_seeds) {
        reasons.push(format!("{left} of the run: not in the baseline"));
    }
    if let Some(failed) = failures(&old_seeds, &new_seeds, old) {
        reasons.extend(failed);
        return Step::Settled(Finding::new(Verdict::Regressed, reasons));
    }
    let unfinished: Vec<&SeedResult> = new_seeds.iter().filter(|seed| seed.status.is_none()).collect();
    if !unfinished.is_empty() {
        reasons.push(format!("{} left no record; go on with `tchbench run --resume`", names(&unfinished)));
        return Step::Settled(Finding::new(Verdict::Missing, reasons));
    }
    let both = || new_seeds.iter().filter_map(|new| old.seed(new.seed).map(|old| (old, new)));
    let retraced = both().filter(|(old, new)| is_retraced(old, new)).count();
    let identical = both().filter(|(old, new)| is_identical(old, new)).count();
    let samples = Samples { old: metrics(&old_seeds), new: metrics(&new_seeds) };
    let mut finding = Finding::new(Verdict::Inconclusive, reasons);
    finding.figures = samples.figures();
    if identical == new_seeds.len() && identical > 0 {
        finding.verdict = Verdict::Identical;
        return Step::Settled(finding);
    }
    if retraced > 0 {
        finding.reasons.push(format!("{retraced} of {} seeds have the same trajectory", new_seeds.len()));
    }
    if retraced > identical {
        let other = retraced - identical;
        finding.reasons.push(format!("{other} of them ended with another status, loss or accuracy"));
    }
    if finding.figures.is_none() {
        finding.reasons.push(unscored(&old_seeds, &new_seeds).to_owned());
        return Step::Settled(finding);
    }
    Step::Test(samples, finding)
}

/// Tests what was not settled, as one family.
pub(super) fn second_step(steps: Vec<Step>, terms: &Terms) -> Vec<Finding<AccuracyFigures>> {
    let tested: Vec<Tests> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Test(samples, _) => samples.tests(terms),
            Step::Settled(_) => None,
        })
        .collect();
    let adjusted = |p: fn(&Tests) -> f64| holm(&tested.iter().map(p).collect::<Vec<_>>());
    let beyond = adjusted(|tests| largest(&tests.beyond_margin));
    let worse = adjusted(|tests| smallest(&tests.worse));
    let better = adjusted(|tests| smallest(&tests.better));
    let family = tested.len();
    let mut results = tested.into_iter().zip(beyond.into_iter().zip(worse.into_iter().zip(better)));
    let finish = |step| match step {
        Step::Settled(finding) => finding,
        Step::Test(samples, finding) => match results.next() {
            Some((tests, (beyond, (worse, better)))) => {
                samples.judge(finding, &tests, [beyond, worse, better], family, terms)
            }
            None => finding,
        },
    };
    steps.into_iter().map(finish).collect()
}
