//! A trial epoch by epoch.

use super::table::{Cell, Heading, Table};
use crate::record::TrialRecord;

const COLUMNS: [Heading; 12] = [
    Heading::detail("suite"),
    Heading::detail("case"),
    Heading::detail("seed"),
    Heading::new("epoch", "epoch"),
    Heading::new("train_accuracy", "train %"),
    Heading::new("train_loss", "loss"),
    Heading::new("validation_accuracy", "validation %"),
    Heading::new("validation_loss", "validation loss"),
    Heading::new("learning_rate", "learning rate"),
    Heading::new("seconds", "duration"),
    Heading::new("samples_per_second", "samples/s"),
    Heading::detail("trajectory"),
];

/// One table for each trial, with a row for each epoch that was finished.
pub fn epochs(records: &[TrialRecord]) -> Vec<Table> {
    records.iter().map(table).collect()
}

/// Six, and more where they would not show three digits of it.
fn decimals(value: f64) -> usize {
    if value > 0.0 { (2.0 - libm::floor(libm::log10(value))).max(6.0) as usize } else { 6 }
}

fn table(record: &TrialRecord) -> Table {
    let trial = &record.trial;
    let row = |epoch: &crate::event::Epoch| {
        vec![
            Cell::Text(trial.suite.to_string()),
            Cell::Text(trial.case.to_string()),
            Cell::Count(trial.seed),
            Cell::Count(epoch.epoch.into()),
            Cell::Percent(epoch.train.accuracy, 3),
            Cell::Number(epoch.train.loss, 4),
            Cell::maybe(epoch.validation, |score| Cell::Percent(score.accuracy, 3)),
            Cell::maybe(epoch.validation, |score| Cell::Number(score.loss, 4)),
            Cell::Number(epoch.learning_rate, decimals(epoch.learning_rate)),
            Cell::Seconds(epoch.train_seconds + epoch.validation_seconds),
            Cell::Number(epoch.samples_per_second(), 0),
            Cell::Text(epoch.trajectory.clone()),
        ]
    };
    let mut notes = Vec::new();
    if let Some(test) = record.finished.as_ref().and_then(|finished| finished.test) {
        notes.push(format!("test accuracy {:.2} %, loss {:.4}", test.accuracy * 100.0, test.loss));
    }
    if !record.status.is_success() {
        notes.push(super::group::misfortune(record));
    }
    Table {
        title: format!("{}/{}, seed {}", trial.suite, trial.case, trial.seed),
        columns: COLUMNS.to_vec(),
        labels: 1,
        rows: record.epochs.iter().map(row).collect(),
        notes,
    }
}
