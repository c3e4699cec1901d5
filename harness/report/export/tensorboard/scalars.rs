//! What is shown of a trial, and how it is called.

use crate::event::Epoch;
use crate::metrics::{METRICS, Metric};

/// A scalar of every epoch.
pub(super) struct EpochScalar {
    /// What it is called.
    pub tag: &'static str,
    /// Returns its value; `None` if an epoch has none.
    pub value: fn(&Epoch) -> Option<f64>,
}

/// The scalars of every epoch.
pub(super) const SCALARS: [EpochScalar; 6] = [
    EpochScalar { tag: "loss/train", value: |epoch| Some(epoch.train.loss) },
    EpochScalar { tag: "loss/validation", value: |epoch| Some(epoch.validation?.loss) },
    EpochScalar { tag: "accuracy/train", value: |epoch| Some(epoch.train.accuracy) },
    EpochScalar { tag: "accuracy/validation", value: |epoch| Some(epoch.validation?.accuracy) },
    EpochScalar { tag: "training/learning-rate", value: |epoch| Some(epoch.learning_rate) },
    EpochScalar { tag: "training/samples-per-second", value: |epoch| Some(epoch.samples_per_second()) },
];

/// Returns the tag of a metric that a whole trial yields.
pub(super) fn result_tag(metric: &Metric) -> String {
    format!("result/{}", metric.word())
}

/// Returns the metrics that a whole trial yields.
pub(super) fn results() -> impl Iterator<Item = &'static Metric> {
    METRICS.iter().filter(|metric| !metric.has_parameter() && !metric.is_of_every_epoch())
}
