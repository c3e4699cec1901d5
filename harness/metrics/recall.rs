//! `recall-of-class-3`: the fraction of the test samples of a class that were taken for it.

use super::parameter::MetricParameter;
use super::{Better, Metric, TrialResults, Unit};

pub(super) const METRIC: Metric = Metric::with_parameter(
    "recall-of-class-{}",
    "recall of class {} %",
    Unit::Fraction,
    Better::Higher,
    MetricParameter::Class,
    recall,
);

fn recall(results: &TrialResults<'_>, class: f64) -> Option<f64> {
    let counts = results.finished?.counts.as_ref()?;
    let class = class as usize;
    (counts.support(class) > 0).then(|| counts.hits(class) as f64 / counts.support(class) as f64)
}
