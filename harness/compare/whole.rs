//! Whether the loss of a suite as a whole got worse.
//!
//! What harms every case a little, such as a few wrong labels, is lost in the spread of each case's seeds.
//! All cases together show it, and pairs of one seed do so best: they share initial weights and the order
//! of the samples, which decide most of the spread. The logarithms of their losses' ratios are taken over all
//! cases, and their centre is found by [`signed_rank`]: of two programs that do not differ a pair is as
//! likely to go one way as the other, whatever its spread. A seed that failed on one side counts as a larger difference
//! than any.

use super::accuracy::{AccuracyFigures, Means, is_identical};
use super::verdict::{Finding, Terms, Verdict};
use crate::record::{CaseResults, SeedResult, Status};
use crate::stats::{Interval, median, signed_rank};

/// Returns a regression, where the loss of cases that do not have the same bits, each with its baseline first, is
/// surely above the baseline's by more than the margin for suites: without a change one of `suites` is said to be so
/// with probability at most alpha. None else, of fewer than two cases, and of too few pairs to tell.
pub(super) fn whole(
    cases: &[(&CaseResults, &CaseResults)],
    suites: usize,
    terms: &Terms,
) -> Option<Finding<AccuracyFigures>> {
    let pairs: Vec<SeedPair> = cases.iter().flat_map(|(old, new)| pairs(old, new)).collect();
    let logs: Vec<f64> = pairs.iter().map(SeedPair::log_ratio).collect();
    let level = 1.0 - 2.0 * terms.alpha / suites.max(1) as f64;
    let (centre, Interval { low, high }) = signed_rank(&logs, level).filter(|_| cases.len() > 1)?;
    if low <= terms.suite_margin.ln_1p() {
        return None;
    }
    // The centre of pairs most of which failed has no value.
    let percent =
        |log: f64| if log.abs() < FAILED / 4.0 { log.exp_m1() * 100.0 } else { log * f64::INFINITY };
    let reason = format!(
        "loss {:+.1} % ({:+.1} to {:+.1}) over {} pairs of a case and seed; margin {:.1} %",
        percent(centre),
        percent(low),
        percent(high),
        pairs.len(),
        terms.suite_margin * 100.0
    );
    let means = |side: fn(&SeedPair) -> Option<Means>| {
        let of =
            |value: fn(Means) -> f64| median(&pairs.iter().filter_map(side).map(value).collect::<Vec<_>>());
        Some(Means { accuracy: of(|means| means.accuracy)?, loss: of(|means| means.loss)? })
    };
    let failed =
        |side: fn(&SeedPair) -> Option<Means>| pairs.iter().filter(|pair| side(pair).is_none()).count();
    let mut finding = Finding::new(Verdict::Regressed, vec![reason]);
    finding.figures = Some(AccuracyFigures {
        seeds: (pairs.len(), pairs.len()),
        failed: (failed(|pair| pair.old), failed(|pair| pair.new)),
        newly_failed: failed(|pair| pair.new),
        old: means(|pair| pair.old),
        new: means(|pair| pair.new),
        paired: true,
        p_beyond_margin: None,
        p_worse: None,
        p_better: None,
    });
    Some(finding)
}

/// In place of the logarithm of a ratio, where a seed failed on one side: more than that of any two losses.
const FAILED: f64 = 1e4;

/// One seed of a case on both sides, where it does not have the same bits; `None` where it failed.
struct SeedPair {
    old: Option<Means>,
    new: Option<Means>,
}

impl SeedPair {
    fn log_ratio(&self) -> f64 {
        match (self.old, self.new) {
            (Some(old), Some(new)) => (new.loss / old.loss).ln(),
            (Some(_), None) => FAILED,
            (None, Some(_)) => -FAILED,
            (None, None) => 0.0,
        }
    }
}

/// What can be compared; two failures say nothing.
fn pairs(old: &CaseResults, new: &CaseResults) -> Vec<SeedPair> {
    let score = |seed: &SeedResult| {
        if seed.status.is_some_and(Status::is_success) {
            let means = Means { accuracy: seed.accuracy?, loss: seed.loss? };
            Some(Some(means)).filter(|_| means.loss > 0.0)
        } else {
            Some(None)
        }
    };
    let pair = |new: &SeedResult| {
        let old = old.seed(new.seed).filter(|old| !is_identical(old, new))?;
        let pair = SeedPair { old: score(old)?, new: score(new)? };
        Some(pair).filter(|pair| pair.old.is_some() || pair.new.is_some())
    };
    new.seeds.iter().filter_map(pair).collect()
}
