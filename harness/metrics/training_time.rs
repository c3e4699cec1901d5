//! `training-time`: the wall time of all epochs' training steps, in seconds.

use super::{Better, Metric, Unit};

pub(super) const METRIC: Metric =
    Metric::new("training-time", "training time, s", Unit::Seconds, Better::Lower, |results| {
        Some(results.finished?.train_seconds)
    });
