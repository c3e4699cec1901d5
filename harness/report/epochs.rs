//! A trial epoch by epoch.

use super::table::{Cell, Column, Table};
use crate::event::{Epoch, Score};
use crate::recipe::Trial;
use crate::record::TrialRecord;

type EpochColumn<'a> = Column<'a, Epoch>;

/// Returns a table for each trial, with a row for each epoch that was finished.
pub fn epochs(records: &[TrialRecord]) -> Vec<Table> {
    records.iter().map(table).collect()
}

/// Returns six, and more decimals where six would not show three digits of the value.
fn decimals(value: f64) -> usize {
    if value > 0.0 { (2.0 - libm::floor(libm::log10(value))).max(6.0) as usize } else { 6 }
}

fn table(record: &TrialRecord) -> Table {
    let trial = &record.trial;
    let mut notes = Vec::new();
    if let Some(test) = record.finished.as_ref().and_then(|finished| finished.test) {
        notes.push(format!("test accuracy {:.2} %, loss {:.4}", test.accuracy * 100.0, test.loss));
    }
    if !record.status.is_success() {
        notes.push(super::group::failure_note(record));
    }
    let title = format!("{}/{}, seed {}", trial.suite, trial.case, trial.seed);
    Table::new(title, columns(trial), &record.epochs).with_notes(notes)
}

fn columns(trial: &Trial) -> Vec<EpochColumn<'_>> {
    let score = |value: fn(&Score) -> Cell| {
        move |epoch: &Epoch| epoch.validation.as_ref().map_or(Cell::Missing, value)
    };
    vec![
        EpochColumn::detail("suite", |_| Cell::text(&trial.suite)),
        EpochColumn::detail("case", |_| Cell::text(&trial.case)),
        EpochColumn::detail("seed", |_| Cell::Count(trial.seed)),
        EpochColumn::label("epoch", "epoch", |epoch| Cell::Count(epoch.epoch.into())),
        EpochColumn::new("train_accuracy", "train %", |epoch| Cell::Percent(epoch.train.accuracy, 3)),
        EpochColumn::new("train_loss", "loss", |epoch| Cell::Number(epoch.train.loss, 4)),
        EpochColumn::new(
            "validation_accuracy",
            "validation %",
            score(|score| Cell::Percent(score.accuracy, 3)),
        ),
        EpochColumn::new("validation_loss", "validation loss", score(|score| Cell::Number(score.loss, 4))),
        EpochColumn::new("learning_rate", "learning rate", |epoch| {
            Cell::Number(epoch.learning_rate, decimals(epoch.learning_rate))
        }),
        EpochColumn::new("seconds", "duration", |epoch| {
            Cell::Seconds(epoch.train_seconds + epoch.validation_seconds)
        }),
        EpochColumn::new("samples_per_second", "samples/s", |epoch| {
            Cell::Number(epoch.samples_per_second(), 0)
        }),
        EpochColumn::detail("trajectory", |epoch| Cell::text(&epoch.trajectory)),
    ]
}
