//! `train-loss`: the mean loss over a training epoch.

use super::{Better, Metric, Unit};

/// Each sample counts as it was scored when it was trained on.
pub(super) const METRIC: Metric =
    Metric::of_epochs("train-loss", "train loss", Unit::Loss, Better::Lower, |epoch| Some(epoch.train.loss));
