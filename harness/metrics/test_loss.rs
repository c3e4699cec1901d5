//! `test-loss`: the mean loss on the test samples at the end.

use super::{Better, Metric, Unit};

pub(super) const METRIC: Metric =
    Metric::new("test-loss", "test loss", Unit::Loss, Better::Lower, |results| {
        Some(results.finished?.test?.loss)
    });
