//! A suite file's training keys.

use super::data_plan::MOST_SAMPLES;
use crate::reader::{TomlTable, Value, Within, count, flag, number, word};
use crate::recipe::optimizers::optimizer;
use crate::recipe::schedules::{Constant, schedule};
use crate::recipe::{Convention, EarlyStopping, MOST_EPOCHS, Monitor, Optimizer, Schedule, Training};

/// Reads how a case is trained; what watches a validation value needs `held_out` samples.
pub(super) fn training(
    table: &mut TomlTable<'_>,
    convention: Convention,
    held_out: bool,
) -> Option<Training> {
    table.explain::<Training>();
    let epochs = table.required("epochs", count(MOST_EPOCHS));
    let batch = table.required("batch", count(MOST_SAMPLES));
    let optimizer = table.required("optimizer", |value| optimizer(value, convention));
    let lr = optimizer.as_ref().map_or(f64::INFINITY, Optimizer::lr);
    let schedule =
        table.or("schedule", Schedule::Constant(Constant), |value| match schedule(value, convention, lr)? {
            schedule if schedule.watches_validation() && !held_out => value.report(UNWATCHED),
            schedule => Some(schedule),
        });
    let weight_decay = table.or("weight_decay", 0.0, number(Within::NotNegative));
    let gradient_clip = table.optional("gradient_clip", number(Within::Positive));
    let early_stopping = table.optional("early_stopping", |value| match early_stopping(value)? {
        _ if !held_out => value.report(UNWATCHED),
        rule => Some(rule),
    });
    Some(Training {
        epochs: epochs?,
        batch: batch?,
        optimizer: optimizer?,
        schedule: schedule?,
        weight_decay: weight_decay?,
        gradient_clip: gradient_clip?,
        early_stopping: early_stopping?,
    })
}

const UNWATCHED: &str = "it watches a validation value, but no samples are held out; \
    give validation = { from = \"train\", count = ... }";

fn early_stopping(value: &Value<'_>) -> Option<EarlyStopping> {
    let mut table = value.table()?;
    table.explain::<EarlyStopping>();
    let patience = table.required("patience", count(MOST_EPOCHS));
    let monitor = table.or("monitor", Monitor::ValidationLoss, word);
    let restore_best = table.or("restore_best", false, flag);
    table.finish();
    Some(EarlyStopping { patience: patience?, monitor: monitor?, restore_best: restore_best? })
}
