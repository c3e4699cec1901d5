//! `seconds-to-0.95`: the training time until the validation accuracy is at least the target (the time to accuracy of
//! Coleman et al., "DAWNBench: An end-to-end deep learning benchmark and competition", 2017).

use super::parameter::MetricParameter;
use super::{Better, Metric, TrialResults, Unit};

/// The wall time of the training steps of all epochs up to the first that reaches the target, in seconds. Validation,
/// digests and checkpoints are not counted. The value is infinite if no epoch reaches the target.
pub(super) const METRIC: Metric = Metric::with_parameter(
    "seconds-to-{}",
    "training time to {} validation accuracy, s",
    Unit::Seconds,
    Better::Lower,
    MetricParameter::Fraction,
    seconds_to,
)
.of_validation();

fn seconds_to(results: &TrialResults<'_>, target: f64) -> Option<f64> {
    results.validated().next()?;
    let Some(reached) = results.first_at(target) else { return Some(f64::INFINITY) };
    Some(results.up_to(reached.epoch).epochs.iter().map(|epoch| epoch.train_seconds).sum())
}
