//! Whether the loss of a suite as a whole got worse.
//!
//! What harms every case a little, such as a few wrong labels, is lost in the spread of each case's seeds.
//! All cases together show it, and pairs of one seed do so best: they share initial weights and the order
//! of the samples, which decide most of the spread. The logarithms of their losses' ratios are taken over all
//! cases, and their centre is found by [`signed_rank`]: of two programs that do not differ a pair is as
//! likely to go one way as the other, whatever its spread.

use super::accuracy::{AccuracyFigures, is_identical};
use super::verdict::{Finding, Terms, Verdict};
use crate::record::{CaseResults, SeedResult};
use crate::stats::{Interval, median, signed_rank};

/// A regression, where the loss of cases that do not have the same bits, each with its baseline first, is surely
/// above the baseline's by more than the margin for suites: without a change one of `suites` is said to be so
/// with probability at most alpha. None else, of fewer than two cases, and of too few pairs to tell.
pub(super) fn whole(
    cases: &[(&CaseResults, &CaseResults)],
    suites: usize,
    terms: &Terms,
) -> Option<Finding<AccuracyFigures>> {
    let pairs: Vec<Pair> = cases.iter().flat_map(|(old, new)| pairs(old, new)).collect();
    let logs: Vec<f64> = pairs.iter().map(|pair| (pair.loss.1 / pair.loss.0).ln()).collect();
    let level = 1.0 - 2.0 * terms.alpha / suites.max(1) as f64;
    let (centre, Interval { low, high }) = signed_rank(&logs, level).filter(|_| cases.len() > 1)?;
    if low <= terms.suite_margin.ln_1p() {
        return None;
    }
    let percent = |log: f64| log.exp_m1() * 100.0;
    let reason = format!(
        "loss {:+.1} % ({:+.1} to {:+.1}) over {} pairs of a case and seed; margin {:.1} %",
        percent(centre),
        percent(low),
        percent(high),
        pairs.len(),
        terms.suite_margin * 100.0
    );
    let of = |value: fn(&Pair) -> f64| median(&pairs.iter().map(value).collect::<Vec<_>>());
    let mut finding = Finding::new(Verdict::Regressed, vec![reason]);
    finding.figures = Some(AccuracyFigures {
        seeds: (pairs.len(), pairs.len()),
        accuracy: (of(|pair| pair.accuracy.0)?, of(|pair| pair.accuracy.1)?),
        loss: (of(|pair| pair.loss.0)?, of(|pair| pair.loss.1)?),
        p_beyond_margin: None,
        p_worse: None,
        p_better: None,
    });
    Some(finding)
}

/// One seed of a case on both sides, where it does not have the same bits.
struct Pair {
    accuracy: (f64, f64),
    loss: (f64, f64),
}

fn pairs(old: &CaseResults, new: &CaseResults) -> Vec<Pair> {
    let pair = |new: &SeedResult| {
        let old = old.seed(new.seed).filter(|old| !is_identical(old, new))?;
        let pair = Pair { accuracy: (old.accuracy?, new.accuracy?), loss: (old.loss?, new.loss?) };
        Some(pair).filter(|pair| pair.loss.0 > 0.0 && pair.loss.1 > 0.0)
    };
    new.seeds.iter().filter_map(pair).collect()
}
