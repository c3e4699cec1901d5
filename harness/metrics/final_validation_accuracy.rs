//! `final-validation-accuracy`: the fraction right on the validation samples after the last epoch.

use super::{Better, Metric, Unit};

pub(super) const METRIC: Metric = Metric::new(
    "final-validation-accuracy",
    "final validation accuracy %",
    Unit::Fraction,
    Better::Higher,
    |results| results.validated().next_back().map(|(_, accuracy)| accuracy),
)
.of_validation();
