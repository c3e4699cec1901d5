//! Whether accuracy and loss got worse, over the seeds of each case.
//!
//! Three hypotheses are tested of each case, and each is adjusted by Holm over all cases
//! ([`holm`](crate::stats::holm)):
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
//! losses, so that both hypotheses at their boundary say that a seed might as well have gone to the other side, which is
//! what makes the tests exact. Which test a case gets, [`design`] says; a run that differs by rounding alone is seen by
//! its [`agreement`].

mod advice;
mod agreement;
mod design;
mod evidence;
mod figures;
mod gates;
mod judge;
mod samples;
mod seeds;

use agreement::Agreement;
pub use figures::{AccuracyFigures, Means};
pub(super) use gates::gates;
pub use gates::{GateFigures, GateFinding};
use judge::judged;
use samples::SeedValues;
pub(super) use seeds::is_identical;
use seeds::{failures, is_retraced, left_out, names, newly_failed, unscored};

use super::verdict::{Finding, Terms, Verdict};
use crate::record::{CaseResults, SeedResult};

/// A comparison of one case: settled without a test, or to be tested in the family of all.
#[derive(Debug)]
pub(super) enum AccuracyComparison {
    Settled(Finding<AccuracyFigures>),
    Test(SeedValues<2>, Finding<AccuracyFigures>),
}

/// Returns what can be said of comparable cases without a test. The seeds that both have are compared; all where the
/// seed itself is under test.
pub(super) fn first_step(old: &CaseResults, new: &CaseResults, terms: &Terms) -> AccuracyComparison {
    let (old_seeds, new_seeds) = compared(old, new, terms);
    let mut reasons = Vec::new();
    if let Some(left) = left_out(&old.seeds, &old_seeds) {
        reasons.push(format!("{left} of the baseline: not in the run"));
    }
    if let Some(left) = left_out(&new.seeds, &new_seeds) {
        reasons.push(format!("{left} of the run: not in the baseline"));
    }
    let unfinished: Vec<&SeedResult> = new_seeds.iter().filter(|seed| seed.status.is_none()).collect();
    if !unfinished.is_empty() {
        reasons.push(format!("{} left no record; go on with `tchbench run --resume`", names(&unfinished)));
        return AccuracyComparison::Settled(Finding::new(Verdict::Missing, reasons));
    }
    let [accuracy, loss, _] = terms.margins_of(&old.trial);
    let samples = SeedValues::of(&old_seeds, &new_seeds, [accuracy, loss]);
    let mut finding = Finding::new(Verdict::Inconclusive, reasons);
    finding.figures =
        samples.as_ref().map(|samples| samples.figures(newly_failed(old, &old_seeds, &new_seeds)));
    let both = || new_seeds.iter().filter_map(|new| old.seed(new.seed).map(|old| (old, new)));
    let retraced = both().filter(|(old, new)| is_retraced(old, new)).count();
    let identical = both().filter(|(old, new)| is_identical(old, new)).count();
    if identical == new_seeds.len() && identical > 0 {
        finding.verdict = Verdict::Identical;
        return AccuracyComparison::Settled(finding);
    }
    if samples.is_some() {
        finding.reasons.extend(failures(old, &old_seeds, &new_seeds));
    }
    if retraced > 0 {
        finding.reasons.push(format!("{retraced} of {} seeds have the same trajectory", new_seeds.len()));
    }
    if retraced > identical {
        let other = retraced - identical;
        finding.reasons.push(format!("{other} of them ended with another status, loss or accuracy"));
    }
    match samples {
        Some(samples) => AccuracyComparison::Test(samples, finding),
        None => {
            finding.reasons.push(unscored(&old_seeds, &new_seeds).to_owned());
            AccuracyComparison::Settled(finding)
        }
    }
}

/// The seeds of both sides that are compared, in order: those that both have, or all where the seed itself is under
/// test.
fn compared(old: &CaseResults, new: &CaseResults, terms: &Terms) -> (Vec<SeedResult>, Vec<SeedResult>) {
    let every_seed = terms.across.covers("seed");
    let chosen = |side: &CaseResults, other: &CaseResults| {
        let both = |result: &&SeedResult| every_seed || other.seed(result.seed).is_some();
        let mut seeds: Vec<SeedResult> = side.seeds.iter().filter(both).cloned().collect();
        seeds.sort_by_key(|result| result.seed);
        seeds
    };
    (chosen(old, new), chosen(new, old))
}

/// Tests what was not settled, as one family.
pub(super) fn second_step(steps: Vec<AccuracyComparison>, terms: &Terms) -> Vec<Finding<AccuracyFigures>> {
    let mut tested = Vec::new();
    let mut findings = Vec::new();
    for step in steps {
        let (finding, samples) = match step {
            AccuracyComparison::Settled(finding) => (finding, None),
            AccuracyComparison::Test(samples, finding) => (finding, Some(samples)),
        };
        findings.push((finding, samples.is_some()));
        tested.extend(samples.map(|samples| {
            let agreement = Agreement::of(&samples);
            (samples, agreement)
        }));
    }
    let mut judgements = judged(&tested, terms).into_iter();
    let finish = |(mut finding, is_tested): (Finding<AccuracyFigures>, bool)| {
        if let Some(judgement) = is_tested.then(|| judgements.next()).flatten().flatten() {
            finding.verdict = judgement.verdict;
            finding.reasons.extend(judgement.reasons);
            if let Some(figures) = &mut finding.figures {
                figures.paired = judgement.paired;
                figures.p_beyond_margin = Some(judgement.beyond);
                figures.p_worse = Some(judgement.worse);
                figures.p_better = Some(judgement.better);
            }
        }
        finding
    };
    findings.into_iter().map(finish).collect()
}
