//! `validation-accuracy`: the fraction right on the validation samples after an epoch.

use super::{Better, Metric, Unit};

pub(super) const METRIC: Metric = Metric::of_epochs(
    "validation-accuracy",
    "validation accuracy %",
    Unit::Fraction,
    Better::Higher,
    |epoch| Some(epoch.validation?.accuracy),
)
.of_validation();
