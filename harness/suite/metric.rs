//! Reads metrics, and amounts in their units.

use crate::metrics::{Metric, Unit};
use crate::reader::{Value, Within, number};

/// Reads a metric by its word.
pub(super) fn metric(value: &Value<'_>) -> Option<Metric> {
    value.says(|| Metric::schema_of(|_| true).into());
    match value.as_str().unwrap_or_default().parse() {
        Ok(metric) => Some(metric),
        Err(advice) => value.refuse::<Metric>(advice),
    }
}

/// Returns a reader of numbers that are at least 0, in the unit of a metric: of fractions, such as accuracies, up to 1.
/// Where the metric itself is wrong, any number that is at least 0 is read.
pub(super) fn amount(metric: Option<Metric>) -> impl Fn(&Value<'_>) -> Option<f64> {
    let is_fraction = metric.is_some_and(|metric| metric.unit() == Unit::Fraction);
    number(if is_fraction { Within::UpTo(1.0) } else { Within::NotNegative })
}
