//! What a trial yields: its value, its name, and how it is written and drawn.

use super::architectures::{kept, speed};
use super::chart::Axis;
use super::group::Group;
use super::table::Cell;
use crate::event::Epoch;
use crate::record::TrialRecord;
use crate::stats::Summary;
use crate::suite::case::Metric;
use crate::suite::presentation::{Quantity, Unit};

/// A metric as a claim means it: of train and validation metrics the best, up to `by_epoch` where it is
/// given.
pub(super) fn metric(metric: Metric, by_epoch: Option<u32>, record: &TrialRecord) -> Option<f64> {
    let epochs = || record.epochs.iter().filter(|epoch| by_epoch.is_none_or(|last| epoch.epoch <= last));
    let validated = || epochs().filter_map(|epoch| Some((epoch.epoch, epoch.validation?)));
    let accuracies = || validated().map(|(epoch, score)| (epoch, score.accuracy));
    let test = || record.finished.as_ref()?.test;
    match metric {
        Metric::TrainAccuracy => epochs().map(|epoch| epoch.train.accuracy).reduce(f64::max),
        Metric::TrainLoss => epochs().map(|epoch| epoch.train.loss).reduce(f64::min),
        Metric::ValidationAccuracy => accuracies().map(|(_, accuracy)| accuracy).reduce(f64::max),
        Metric::ValidationLoss => validated().map(|(_, score)| score.loss).reduce(f64::min),
        Metric::FinalValidationAccuracy => accuracies().next_back().map(|(_, accuracy)| accuracy),
        Metric::BestEpoch => {
            let best = validated().min_by(|(_, a), (_, b)| a.loss.total_cmp(&b.loss));
            best.map(|(epoch, _)| epoch.into())
        }
        Metric::PlateauEpoch => {
            let best = accuracies().map(|(_, accuracy)| accuracy).reduce(f64::max)?;
            let first = accuracies().find(|(_, accuracy)| *accuracy >= best - PLATEAU - SLACK);
            first.map(|(epoch, _)| epoch.into())
        }
        Metric::TestAccuracy => Some(test()?.accuracy),
        Metric::TestLoss => Some(test()?.loss),
    }
}

/// How far below the best validation accuracy an epoch is still on the plateau.
const PLATEAU: f64 = 0.005;

/// A mean may miss a bound that all its values touch by rounding alone.
pub(super) const SLACK: f64 = 1e-12;

/// A trial's value.
pub(super) fn value(quantity: Quantity, record: &TrialRecord) -> Option<f64> {
    let finished = record.finished.as_ref();
    match quantity {
        Quantity::Metric(of) => metric(of, None, record),
        Quantity::Parameters => record
            .started
            .as_ref()
            .map(|started| started.parameters)
            .or(record.trial.parameters)
            .map(|n| n as f64),
        Quantity::TrainingTime => Some(finished?.train_seconds),
        Quantity::TestingTime => finished?.test.map(|_| finished.map(|finished| finished.test_seconds))?,
        Quantity::Throughput => speed(record),
        Quantity::OverFitting => Some(kept(record)?.train.accuracy - finished?.test?.accuracy),
    }
}

/// Of each trial of a group that ended well and yields it.
pub(super) fn values(quantity: Quantity, group: &Group) -> Vec<f64> {
    group.successes().filter_map(|record| value(quantity, record)).collect()
}

/// Over the seeds that yield it.
pub(super) fn summary(quantity: Quantity, group: &Group) -> Option<Summary> {
    Summary::of(&values(quantity, group))
}

/// An epoch's value of a metric that every epoch has.
pub(super) fn of_epoch(quantity: Quantity, epoch: &Epoch) -> Option<f64> {
    match quantity {
        Quantity::Metric(Metric::TrainAccuracy) => Some(epoch.train.accuracy),
        Quantity::Metric(Metric::TrainLoss) => Some(epoch.train.loss),
        Quantity::Metric(Metric::ValidationAccuracy) => Some(epoch.validation?.accuracy),
        Quantity::Metric(Metric::ValidationLoss) => Some(epoch.validation?.loss),
        _ => None,
    }
}

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
        let disturbed: Vec<String> = groups.iter().filter_map(disturbed).collect();
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

/// A trial with one thread that has less of a processor than this was disturbed.
const UNDISTURBED: f64 = 0.9;

/// How much of the processor a group's trials had, where it was not nearly all; of trials with one thread
/// on the CPU.
fn disturbed(group: &Group) -> Option<String> {
    let alone = |record: &&TrialRecord| {
        record.trial.environment.threads == 1 && record.fingerprint.engine.device == "cpu"
    };
    let epochs = || group.successes().filter(alone).flat_map(|record| &record.epochs);
    let wall: f64 = epochs().map(|epoch| epoch.train_seconds).sum();
    let share = epochs().map(|epoch| epoch.train_cpu_seconds).sum::<f64>() / wall;
    (0.0 < share && share < UNDISTURBED).then(|| format!("{} {:.0} %", group.label, share * 100.0))
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
