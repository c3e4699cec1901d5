//! `epochs-to-0.95`: the first epoch after which the validation accuracy is at least the target.

use super::parameter::MetricParameter;
use super::{Better, Metric, TrialResults, Unit};

/// The value is infinite if no epoch reaches the target.
pub(super) const METRIC: Metric = Metric::with_parameter(
    "epochs-to-{}",
    "epochs to {} validation accuracy",
    Unit::Epochs,
    Better::Lower,
    MetricParameter::Fraction,
    epochs_to,
)
.of_validation();

fn epochs_to(results: &TrialResults<'_>, target: f64) -> Option<f64> {
    results.validated().next()?;
    Some(results.first_at(target).map_or(f64::INFINITY, |epoch| epoch.epoch.into()))
}
