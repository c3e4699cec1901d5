//! `over-fitting`: the train accuracy in the epoch whose weights were tested, minus the test accuracy.

use super::{Better, Metric, TrialResults, Unit};

pub(super) const METRIC: Metric = Metric::new(
    "over-fitting",
    "train minus test accuracy, points",
    Unit::Fraction,
    Better::Lower,
    over_fitting,
);

fn over_fitting(results: &TrialResults<'_>) -> Option<f64> {
    Some(results.kept()?.train.accuracy - results.finished?.test?.accuracy)
}
