//! `top-3-accuracy`: the fraction of the test samples whose true class is among the three with the largest logits.

use super::parameter::MetricParameter;
use super::{Better, Metric, TrialResults, Unit};

/// The first of equal logits ranks higher.
pub(super) const METRIC: Metric = Metric::with_parameter(
    "top-{}-accuracy",
    "top-{} accuracy %",
    Unit::Fraction,
    Better::Higher,
    MetricParameter::Classes,
    top_accuracy,
);

fn top_accuracy(results: &TrialResults<'_>, classes: f64) -> Option<f64> {
    let counts = results.finished?.counts.as_ref()?;
    let among: u64 = counts.ranks.iter().take(classes as usize).copied().map(u64::from).sum();
    (counts.samples() > 0).then(|| among as f64 / counts.samples() as f64)
}
