//! Metrics that a suite holds against its baseline, besides accuracy and loss.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::metric::{amount, metric};
use crate::metrics::{Metric, Unit};
use crate::reader::Value;

/// A metric that is held against the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The metric whose values are compared.
    pub metric: Metric,
    /// By how much it may be worse, in the metric's own unit; a fraction for one that people read in percent.
    pub margin: f64,
}

/// Reads the list of `[[gate]]`. Every mistake is reported.
pub(super) fn gates(value: &Value<'_>) -> Option<Vec<Gate>> {
    let gates: Vec<Option<Gate>> = value.items()?.iter().map(gate).collect();
    let gates = gates.into_iter().collect::<Option<Vec<_>>>()?;
    let repeated =
        (1..gates.len()).find(|&index| gates[..index].iter().any(|one| one.metric == gates[index].metric));
    match repeated {
        Some(index) => value.report(format!("{} is there twice; leave one out", gates[index].metric)),
        None => Some(gates),
    }
}

/// Reports every gate whose margin is a number of epochs that is larger than `most`, the most that a case trains for: a
/// trial that yields a value cannot be worse by so many.
pub(super) fn within_epochs(value: &Value<'_>, gates: &[Gate], most: u32) -> Option<()> {
    let reported = |(item, gate): (&Value<'_>, &Gate)| {
        let is_beyond = gate.metric.unit() == Unit::Epochs && gate.margin > f64::from(most);
        if is_beyond {
            let margin = item.table().and_then(|mut table| table.find("margin"));
            margin.unwrap_or_else(|| item.clone()).refuse::<()>(format!(
                "no trial can be worse by so many; write a number up to {most}, the most epochs of a case"
            ));
        }
        is_beyond
    };
    let beyond = value.items()?.iter().zip(gates).map(reported).filter(|is_beyond| *is_beyond).count();
    (beyond == 0).then_some(())
}

fn gate(value: &Value<'_>) -> Option<Gate> {
    let mut table = value.table()?;
    table.explain::<Gate>();
    let is_time = |metric: &Metric| matches!(metric.unit(), Unit::Seconds | Unit::SamplesPerSecond);
    let metric = table.required("metric", |value| {
        value.says(|| Metric::schema_of(|metric| !is_time(metric)).into());
        let metric = metric(value)?;
        if is_time(&metric) {
            return value.refuse("times differ by the machine's load; `tchbench measure` is for throughput");
        }
        Some(metric)
    });
    let margin = table.required("margin", amount(metric));
    table.finish();
    Some(Gate { metric: metric?, margin: margin? })
}
