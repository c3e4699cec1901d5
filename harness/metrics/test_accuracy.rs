//! `test-accuracy`: the fraction right on the test samples at the end.

use super::{Better, Metric, Unit};

pub(super) const METRIC: Metric =
    Metric::new("test-accuracy", "test accuracy %", Unit::Fraction, Better::Higher, |results| {
        Some(results.finished?.test?.accuracy)
    });
