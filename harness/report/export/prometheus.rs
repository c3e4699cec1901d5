//! Prometheus' text format, for node_exporter's textfile collector: gauges without timestamps, the mean over seeds
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use std::collections::BTreeMap;
use std::fmt::Write;

use super::case_values::{cases, values_of};
use super::run_format::{ExportSource, ExportedRuns, RunFormat, RunWriter};
use crate::analysis::Group;
use crate::compare::Verdict;
use crate::metrics::Unit;
use crate::record::Night;

pub(super) const RUNS: RunFormat = RunFormat {
    name: "prometheus",
    about: "Gauges for node_exporter's textfile collector; a file for it ends in .prom",
    source: ExportSource::Runs,
    writer: RunWriter::Text(prometheus),
};

/// Metrics with their samples: each needs its lines together, below its own help.
#[derive(Default)]
struct Gauges(BTreeMap<String, GaugeLines>);

struct GaugeLines {
    help: String,
    samples: String,
}

impl Gauges {
    fn add(&mut self, name: &str, help: &str, labels: &[(&str, &str)], value: f64) {
        let gauge = self.0.entry(format!("tchbench_{name}"));
        let name = gauge.key().clone();
        let lines = gauge.or_insert_with(|| GaugeLines { help: help.to_owned(), samples: String::new() });
        // Names of suites and cases hold no quotes, backslashes or line ends.
        let labels: Vec<String> = labels.iter().map(|(key, text)| format!("{key}=\"{text}\"")).collect();
        // Memory takes all of it.
        let _ = writeln!(lines.samples, "{name}{{{}}} {value}", labels.join(","));
    }
}

/// Returns the gauges of runs and of what nights found of them.
pub fn prometheus(exported: &ExportedRuns) -> String {
    let mut gauges = Gauges::default();
    cases(exported).iter().for_each(|case| add_case(&mut gauges, case));
    exported.nights.iter().for_each(|night| add_night(&mut gauges, night));
    let text = |(name, lines): (&String, &GaugeLines)| {
        format!("# HELP {name} {}\n# TYPE {name} gauge\n{}", lines.help, lines.samples)
    };
    gauges.0.iter().map(text).collect()
}

fn add_case(gauges: &mut Gauges, case: &Group) {
    let labels = [("suite", case.suite), ("case", case.label.as_str())];
    for value in values_of(case) {
        let metric = value.metric;
        let name = format!("{}{}", metric.word().replace('-', "_"), suffix(metric.unit(), &metric.word()));
        let help = format!("Mean over seeds of the metric {}.", metric.word());
        gauges.add(&name, &help, &labels, value.summary.mean);
    }
    let well = case.successes().count();
    let states = [("ok", well), ("failed", case.trials.len() - well), ("missing", case.missing)];
    for (state, count) in states {
        let labels = [labels[0], labels[1], ("state", state)];
        gauges.add(
            "seeds",
            "Seeds that ended well, that did not, and that have no record.",
            &labels,
            count as f64,
        );
    }
    if let Some(began) = case.trials.iter().map(|record| record.began.as_second()).max() {
        let help = "When the newest trial began.";
        gauges.add("began_timestamp_seconds", help, &labels, began as f64);
    }
}

fn add_night(gauges: &mut Gauges, night: &Night) {
    let labels = [("suite", night.suite.as_str()), ("case", night.case.as_str())];
    if let Some(step) = night.step {
        gauges.add("step_seconds", "Wall time of a training step, measured apart.", &labels, step.seconds);
        let help = "Samples trained on per second, measured apart.";
        gauges.add("step_samples_per_second", help, &labels, step.samples_per_second);
    }
    if let Some(verdicts) = &night.verdicts {
        for (kind, verdict) in [("accuracy", &verdicts.accuracy), ("throughput", &verdicts.throughput)] {
            let labels = [labels[0], labels[1], ("kind", kind)];
            let help = "Whether the comparison with the baseline found it worse.";
            let regressed = verdict == Verdict::Regressed.name();
            gauges.add("regressed", help, &labels, f64::from(u8::from(regressed)));
        }
    }
}

/// Returns what the name of a metric with this unit ends in, by Prometheus' conventions.
fn suffix(unit: Unit, word: &str) -> &'static str {
    match unit {
        Unit::Fraction => "_ratio",
        Unit::Loss => "_nats",
        Unit::Epochs | Unit::Parameters => "",
        Unit::Seconds if word.ends_with("seconds") => "",
        Unit::Seconds => "_seconds",
        Unit::SamplesPerSecond => "_samples_per_second",
    }
}
