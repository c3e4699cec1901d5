//! The two custom formats of github-action-benchmark: metrics of which more is better, and of which less is
//! (<https://github.com/benchmark-action/github-action-benchmark>).

use serde::Serialize;

use super::case_values::{CaseValue, cases, values_of};
use super::run_format::{ExportSource, ExportedFile, ExportedRuns, RunFormat, RunWriter};
use crate::metrics::{Better, Unit};

pub(super) const RUNS: RunFormat = RunFormat {
    name: "github-action-benchmark",
    about: "Two files, for its tools customBiggerIsBetter and customSmallerIsBetter",
    source: ExportSource::Runs,
    writer: RunWriter::Files(files),
};

/// One metric of one case, in the words of the format.
#[derive(Serialize)]
struct ActionBenchmark {
    name: String,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

fn files(exported: &ExportedRuns) -> Vec<ExportedFile> {
    let mut bigger = Vec::new();
    let mut smaller = Vec::new();
    for case in cases(exported) {
        for value in values_of(&case) {
            let side = match value.metric.better() {
                Better::Higher => &mut bigger,
                Better::Lower => &mut smaller,
            };
            side.push(benchmark(&format!("{}/{}", case.suite, case.label), &value));
        }
    }
    if bigger.is_empty() && smaller.is_empty() {
        return Vec::new();
    }
    vec![file("bigger-is-better.json", &bigger), file("smaller-is-better.json", &smaller)]
}

fn benchmark(case: &str, value: &CaseValue) -> ActionBenchmark {
    let summary = &value.summary;
    ActionBenchmark {
        name: format!("{case} {}", value.metric.word()),
        unit: unit(value.metric.unit()),
        value: summary.mean,
        range: summary.deviation.map(|deviation| format!("± {deviation:.4}")),
        extra: format!("seeds: {}", summary.count),
    }
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Fraction => "fraction",
        Unit::Loss => "nats",
        Unit::Epochs => "epochs",
        Unit::Parameters => "parameters",
        Unit::Seconds => "s",
        Unit::SamplesPerSecond => "samples/s",
    }
}

fn file(name: &str, benchmarks: &[ActionBenchmark]) -> ExportedFile {
    // All numbers are finite: it cannot fail.
    let text = serde_json::to_string_pretty(benchmarks).unwrap_or_default() + "\n";
    ExportedFile { path: name.into(), content: text.into_bytes() }
}
