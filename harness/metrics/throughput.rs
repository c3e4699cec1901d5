//! `throughput`: samples trained on per second, the median over the epochs.

use super::{Better, Metric, Unit};

pub(super) const METRIC: Metric =
    Metric::new("throughput", "samples/s", Unit::SamplesPerSecond, Better::Higher, |results| {
        results.throughput()
    });
