//! The p of three hypotheses about a case.

use super::agreement::Agreement;
use super::design::Design;
use super::samples::SeedValues;
use crate::stats::{permutation_test, sign_flip_test, welch_test};

/// Of the tests that are drawn.
const SEED: u64 = 1;
/// The largest part of its seeds that an unchanged program may be unlucky with.
const UNLUCKY: f64 = 0.05;
/// The part of the error rate that agreement may take where there is another test.
const SHARE: f64 = 1e-3;

/// p of each hypothesis; of `N` metrics, where each has its own.
#[derive(Debug)]
pub(super) struct Evidence<const N: usize> {
    pub design: Design,
    /// *Worse by the margin or more*: for a metric by itself.
    pub beyond_margin: [f64; N],
    /// *Not worse*, adjusted for all metrics.
    pub worse: [f64; N],
    /// *Not better*, adjusted for all metrics.
    pub better: [f64; N],
    /// What is the same but for rounding, with a p that is in `beyond_margin` already.
    pub agreement: Option<Agreement>,
}

impl<const N: usize> Evidence<N> {
    /// Returns the evidence at the `level` of one case among its family, with what is known of an agreement but for
    /// rounding.
    pub fn of(samples: &SeedValues<N>, agreement: Option<Agreement>, level: f64) -> Option<Self> {
        let design = Design::of(samples.seeds(), samples.paired, level);
        let old = &samples.old;
        let new = &samples.new;
        let at_margin = &samples.at_margin();
        let mut beyond_margin = [1.0; N];
        for (metric, p) in beyond_margin.iter_mut().enumerate() {
            [*p] = tested(design, [(at_margin[metric].as_slice(), new[metric].as_slice())])?;
        }
        let mut evidence = Evidence {
            design,
            beyond_margin,
            worse: tested(design, std::array::from_fn(|metric| (&new[metric][..], &old[metric][..])))?,
            better: tested(design, std::array::from_fn(|metric| (&old[metric][..], &new[metric][..])))?,
            agreement: None,
        };
        if let Some(agreement) = agreement {
            // Where seeds are too few for the other test to say anything, it takes nothing of the error rate.
            let share = if design.reaches(level) { SHARE } else { 1.0 };
            let p = (agreement.p / share).min(1.0);
            evidence.beyond_margin = evidence.beyond_margin.map(|other| other.min(p));
            evidence.agreement = Some(Agreement { p, ..agreement });
        }
        if let Some(p) = all_failed(samples) {
            evidence.worse = evidence.worse.map(|other| other.min(p));
        }
        Some(evidence)
    }
}

/// p of each metric, for all of them together: that its second sample does not lie above its first.
fn tested<const N: usize>(design: Design, metrics: [(&[f64], &[f64]); N]) -> Option<[f64; N]> {
    if design.paired {
        return sign_flip_test(metrics, SEED);
    }
    // A regrouping is exact where both sides are of one distribution, Welch's t holds where spreads are unlike.
    let mut p = permutation_test(metrics, SEED)?;
    for (p, (low, high)) in p.iter_mut().zip(metrics) {
        *p = p.max(N as f64 * welch_test(low, high)?).min(1.0);
    }
    Some(p)
}

/// Of several seeds, all of which failed while none of the baseline's did: how likely that is at most, if an unchanged
/// program is unlucky with one seed of twenty.
fn all_failed<const N: usize>(samples: &SeedValues<N>) -> Option<f64> {
    let (old, new) = samples.seeds();
    let well = samples.well();
    (well == (old, 0) && new > 1).then(|| least_of_failures(new))
}

/// Returns the p of so many seeds that all fail.
pub(super) fn least_of_failures(seeds: usize) -> f64 {
    UNLUCKY.powi(seeds.min(1_000) as i32)
}
