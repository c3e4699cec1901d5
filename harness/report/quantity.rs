//! What quantities are called, and how they are written and drawn.

use super::chart::Axis;
use super::table::Cell;
use crate::analysis::{Group, disturbed};
use crate::recipe::Metric;
use crate::suite::presentation::{Quantity, Unit};

/// For people, with its unit.
pub(super) fn name(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Metric(Metric::TrainAccuracy) => "train accuracy %",
        Quantity::Metric(Metric::TrainLoss) => "train loss",
        Quantity::Metric(Metric::ValidationAccuracy) => "validation accuracy %",
        Quantity::Metric(Metric::ValidationLoss) => "validation loss",
        Quantity::Metric(Metric::FinalValidationAccuracy) => "final validation accuracy %",
        Quantity::Metric(Metric::BestEpoch) => "best epoch",
        Quantity::Metric(Metric::PlateauEpoch) => "plateau epoch",
        Quantity::Metric(Metric::TestAccuracy) => "test accuracy %",
        Quantity::Metric(Metric::TestLoss) => "test loss",
        Quantity::Parameters => "parameters",
        Quantity::TrainingTime => "training time, s",
        Quantity::TestingTime => "testing time, s",
        Quantity::Throughput => "samples/s",
        Quantity::OverFitting => "train minus test accuracy, points",
    }
}

/// Without its unit.
pub(super) fn plain_name(quantity: Quantity) -> &'static str {
    name(quantity).trim_end_matches([' ', '%']).trim_end_matches(", s").trim_end_matches(", points")
}

/// What quantities of this unit have in common, as an axis is called.
pub(super) fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Accuracy => "accuracy %",
        Unit::Loss => "loss",
        Unit::Epochs => "epoch",
        Unit::Parameters => "parameters",
        Unit::Seconds => "seconds",
        Unit::SamplesPerSecond => "samples/s",
    }
}

/// What must be said of their loss, where it is not the cross-entropy alone.
fn of_loss(groups: &[Group]) -> Option<String> {
    let mut records = groups.iter().flat_map(Group::successes);
    let penalised = records.any(|record| record.trial.experiment.has_penalty());
    penalised.then(|| "loss: cross-entropy and, of a case with L2, its penalty".to_owned())
}

/// What must be said of these quantities: of a loss, and of speeds.
pub(super) fn reservations(quantities: &[Quantity], groups: &[Group]) -> Vec<String> {
    let has = |units: &[Unit]| quantities.iter().any(|quantity| units.contains(&quantity.unit()));
    let loss = has(&[Unit::Loss]).then(|| of_loss(groups)).flatten();
    let mut notes: Vec<String> = loss.into_iter().collect();
    if has(&[Unit::Seconds, Unit::SamplesPerSecond]) {
        notes.extend(groups.iter().filter_map(|group| group.of_speed.clone()));
        let share = |group: &Group| Some(format!("{} {:.0} %", group.label, disturbed(group)? * 100.0));
        let disturbed: Vec<String> = groups.iter().filter_map(share).collect();
        if !disturbed.is_empty() {
            notes.push(format!(
                "on a busy machine trials had less of a processor than they use: {}; their times are too long by that, their \
                 speeds too low",
                disturbed.join(", ")
            ));
        }
    }
    notes
}

/// As a table holds it.
pub(super) fn cell(quantity: Quantity, value: f64) -> Cell {
    match quantity.unit() {
        Unit::Accuracy => Cell::Percent(value, 2),
        Unit::Loss => Cell::Number(value, 4),
        Unit::Epochs => Cell::Number(value, if value.fract() == 0.0 { 0 } else { 1 }),
        Unit::Parameters | Unit::SamplesPerSecond => Cell::Number(value, 0),
        Unit::Seconds => Cell::Seconds(value),
    }
}

/// As a picture draws it: fractions in percent.
pub(super) fn drawn(quantity: Quantity, value: f64) -> f64 {
    if quantity.unit() == Unit::Accuracy { value * 100.0 } else { value }
}

/// An axis for one quantity.
pub(super) fn axis(quantity: Quantity) -> Axis {
    match quantity.unit() {
        Unit::Parameters | Unit::Seconds | Unit::SamplesPerSecond => Axis::log(name(quantity)),
        _ => Axis::linear(name(quantity)),
    }
}
