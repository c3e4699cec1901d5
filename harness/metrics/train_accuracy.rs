//! `train-accuracy`: the fraction right over a training epoch.

use super::{Better, Metric, Unit};

/// Each sample counts as it was classified when it was trained on.
pub(super) const METRIC: Metric =
    Metric::of_epochs("train-accuracy", "train accuracy %", Unit::Fraction, Better::Higher, |epoch| {
        Some(epoch.train.accuracy)
    });
