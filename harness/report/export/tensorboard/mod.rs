//! TensorBoard's event files: scalars by epoch, and hyperparameters with a case as the group of its seeds' sessions.

mod events;
mod hparams;
mod protobuf;
mod scalars;

use std::path::{Path, PathBuf};

use super::case_values::cases;
use super::run_format::{ExportSource, ExportedFile, ExportedRuns, RunFormat, RunWriter};
use crate::record::TrialRecord;
use events::EventFile;
use scalars::{EpochScalar, SCALARS, result_tag, results};

pub(super) const RUNS: RunFormat = RunFormat {
    name: "tensorboard",
    about: "Event files: scalars by epoch, and each case in the tab of hyperparameters",
    source: ExportSource::Runs,
    writer: RunWriter::Files(files),
};

fn files(exported: &ExportedRuns) -> Vec<ExportedFile> {
    let cases = cases(exported);
    let records: Vec<&TrialRecord> = cases.iter().flat_map(|case| &case.trials).copied().collect();
    let Some(began) = records.iter().map(|record| record.began.as_second()).min() else { return Vec::new() };
    let mut whole = EventFile::begin(began as f64);
    whole.add_metadata(began as f64, hparams::EXPERIMENT, &hparams::experiment(&records, began as f64));
    let mut files = vec![file(Path::new(""), began, whole)];
    for case in &cases {
        for record in &case.trials {
            let group = format!("{}/{}", case.suite, case.label);
            let folder = Path::new(case.suite).join(&case.label).join(format!("seed-{}", record.trial.seed));
            files.push(file(&folder, record.began.as_second(), of_trial(record, &group)));
        }
    }
    files
}

fn file(folder: &Path, began: i64, events: EventFile) -> ExportedFile {
    let path: PathBuf = folder.join(format!("events.out.tfevents.{began:010}.tchbench"));
    ExportedFile { path, content: events.into_bytes() }
}

fn of_trial(record: &TrialRecord, group: &str) -> EventFile {
    let began = record.began.as_second() as f64;
    let mut events = EventFile::begin(began);
    events.add_metadata(began, hparams::SESSION_START, &hparams::session_start(record, group, began));
    let mut time = began + record.finished.as_ref().map_or(0.0, |finished| finished.setup_seconds);
    for epoch in &record.epochs {
        time += epoch.train_seconds + epoch.validation_seconds + epoch.checkpoint_seconds;
        for EpochScalar { tag, value } in &SCALARS {
            if let Some(value) = value(epoch) {
                events.add_scalar(time, epoch.epoch, tag, value as f32);
            }
        }
    }
    let last = record.epochs.last().map_or(0, |epoch| epoch.epoch);
    for metric in results() {
        if let Some(value) = metric.value(&record.results()) {
            events.add_scalar(time, last, &result_tag(metric), value as f32);
        }
    }
    events.add_metadata(time, hparams::SESSION_END, &hparams::session_end(record, time));
    events
}
