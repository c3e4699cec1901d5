//! Series for Apache Otava, which finds change points: a CSV file for each case and kind of result, with the time and
//! commit of each night, and a configuration that names them all (<https://otava.apache.org/docs/csv>).

use std::fmt::Write;

use super::run_format::{ExportSource, ExportedFile, ExportedRuns, RunFormat, RunWriter};
use crate::analysis::{CaseHistory, case_histories};
use crate::record::Night;

pub(super) const RUNS: RunFormat = RunFormat {
    name: "otava",
    about: "The history's nights as CSV for Apache Otava, and a configuration for `otava analyze`",
    source: ExportSource::History,
    writer: RunWriter::Files(files),
};

/// A column of a series.
struct SeriesColumn {
    name: &'static str,
    /// 1 if more is better, -1 if less is.
    direction: i8,
    value: fn(&Night) -> Option<f64>,
}

/// A kind of result. Nights belong together that have all of its columns and agree in `conditions`.
struct SeriesKind {
    name: &'static str,
    columns: &'static [SeriesColumn],
    conditions: fn(&Night) -> [&str; 2],
}

const KINDS: [SeriesKind; 3] = [
    SeriesKind {
        name: "accuracy",
        columns: &[
            SeriesColumn { name: "accuracy", direction: 1, value: |night| Some(night.accuracy?.mean) },
            SeriesColumn { name: "loss", direction: -1, value: |night| Some(night.loss?.mean) },
        ],
        conditions: |night| [&night.identity, ""],
    },
    SeriesKind {
        name: "throughput",
        columns: &[
            SeriesColumn { name: "step_seconds", direction: -1, value: |night| Some(night.step?.seconds) },
            SeriesColumn {
                name: "samples_per_second",
                direction: 1,
                value: |night| Some(night.step?.samples_per_second),
            },
        ],
        conditions: |night| [&night.identity, &night.machine],
    },
    SeriesKind {
        name: "calibrated",
        columns: &[SeriesColumn {
            name: "calibrated_step",
            direction: -1,
            value: |night| night.step?.calibrated,
        }],
        conditions: |night| [&night.identity, &night.machine],
    },
];

fn files(exported: &ExportedRuns) -> Vec<ExportedFile> {
    let mut files = Vec::new();
    let mut configuration = "tests:\n".to_owned();
    for history in case_histories(&exported.nights) {
        for kind in &KINDS {
            let Some(csv) = series(&history, kind) else { continue };
            let path = format!("{}/{}.{}.csv", history.suite, history.case, kind.name);
            // Memory takes all of it. Names hold nothing that YAML or CSV would read as more than a name.
            let _ = writeln!(
                configuration,
                "  \"{}.{}.{}\":\n    type: csv\n    file: \"{path}\"\n    time_column: time\n    attributes: [commit, run]\n    metrics:",
                history.suite, history.case, kind.name
            );
            for SeriesColumn { name, direction, .. } in kind.columns {
                let _ = writeln!(configuration, "      {name}: {{direction: {direction}, scale: 1}}");
            }
            files.push(ExportedFile { path: path.into(), content: csv.into_bytes() });
        }
    }
    if !files.is_empty() {
        files.push(ExportedFile { path: "otava.yaml".into(), content: configuration.into_bytes() });
    }
    files
}

/// Returns the nights that may be compared with the newest one; `None` if none has a value.
fn series(history: &CaseHistory, kind: &SeriesKind) -> Option<String> {
    let values = |night: &Night| -> Option<Vec<f64>> {
        kind.columns.iter().map(|column| (column.value)(night).filter(|value| value.is_finite())).collect()
    };
    let newest = history.nights.iter().rfind(|night| values(night).is_some())?;
    let names: Vec<&str> = kind.columns.iter().map(|column| column.name).collect();
    let mut csv = format!("time,commit,run,{}\n", names.join(","));
    let comparable =
        history.nights.iter().filter(|night| (kind.conditions)(night) == (kind.conditions)(newest));
    for night in comparable {
        let Some(values) = values(night) else { continue };
        let values: Vec<String> = values.iter().map(f64::to_string).collect();
        let _ = writeln!(csv, "{},{},{},{}", night.began, commit(night), night.run, values.join(","));
    }
    Some(csv)
}

/// Returns the commit under test: the user's own, or else the program's, or else the name of the run.
fn commit(night: &Night) -> String {
    let provenance = night.provenance.as_ref();
    let own = provenance.and_then(|provenance| provenance.commit.as_ref());
    let programs = || provenance.and_then(|provenance| provenance.program.as_ref()?.commit.as_ref());
    let id = own.or_else(programs).map_or(night.run.as_str(), |commit| commit.id.as_str());
    id.chars().map(|c| if c.is_ascii_alphanumeric() || "._+-/".contains(c) { c } else { '_' }).collect()
}
