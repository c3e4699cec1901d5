//! `validation-loss`: the mean loss on the validation samples after an epoch.

use super::{Better, Metric, Unit};

pub(super) const METRIC: Metric =
    Metric::of_epochs("validation-loss", "validation loss", Unit::Loss, Better::Lower, |epoch| {
        Some(epoch.validation?.loss)
    })
    .of_validation();
