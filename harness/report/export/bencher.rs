//! Bencher Metric Format: JSON with a benchmark for each case and a measure for each metric
//! (<https://bencher.dev/docs/reference/bencher-metric-format>).

use std::collections::BTreeMap;

use serde::Serialize;

use super::case_values::{cases, values_of};
use super::run_format::{ExportSource, ExportedRuns, RunFormat, RunWriter};

pub(super) const RUNS: RunFormat = RunFormat {
    name: "bencher",
    about: "Bencher Metric Format: a benchmark a case, its metrics with their 95 % intervals",
    source: ExportSource::Runs,
    writer: RunWriter::Text(text),
};

/// One metric of one case, in the words of the format.
#[derive(Serialize)]
struct BencherMetric {
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_value: Option<f64>,
}

fn text(exported: &ExportedRuns) -> String {
    let mut benchmarks: BTreeMap<String, BTreeMap<String, BencherMetric>> = BTreeMap::new();
    for case in cases(exported) {
        let metric = |value: &super::case_values::CaseValue| BencherMetric {
            value: value.summary.mean,
            lower_value: value.interval.map(|interval| interval.low),
            upper_value: value.interval.map(|interval| interval.high),
        };
        let measures: BTreeMap<String, BencherMetric> =
            values_of(&case).iter().map(|value| (value.metric.word(), metric(value))).collect();
        if !measures.is_empty() {
            benchmarks.insert(format!("{}/{}", case.suite, case.label), measures);
        }
    }
    // Keys are strings and all numbers are finite: it cannot fail.
    serde_json::to_string_pretty(&benchmarks).unwrap_or_default() + "\n"
}
