//! What a trial yields: the value of each quantity, over a trial, an epoch or the seeds of a group.

use super::group::Group;
use crate::event::Epoch;
use crate::recipe::Metric;
use crate::record::TrialRecord;
use crate::stats::{Summary, median};
use crate::suite::presentation::Quantity;

/// A metric as a claim means it: of train and validation metrics the best, up to `by_epoch` where it is
/// given.
pub fn metric(metric: Metric, by_epoch: Option<u32>, record: &TrialRecord) -> Option<f64> {
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
pub const SLACK: f64 = 1e-12;

/// A trial's value.
pub fn value(quantity: Quantity, record: &TrialRecord) -> Option<f64> {
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
pub fn values(quantity: Quantity, group: &Group) -> Vec<f64> {
    group.successes().filter_map(|record| value(quantity, record)).collect()
}

/// Over the seeds that yield it.
pub fn summary(quantity: Quantity, group: &Group) -> Option<Summary> {
    Summary::of(&values(quantity, group))
}

/// An epoch's value of a metric that every epoch has.
pub fn of_epoch(quantity: Quantity, epoch: &Epoch) -> Option<f64> {
    match quantity {
        Quantity::Metric(Metric::TrainAccuracy) => Some(epoch.train.accuracy),
        Quantity::Metric(Metric::TrainLoss) => Some(epoch.train.loss),
        Quantity::Metric(Metric::ValidationAccuracy) => Some(epoch.validation?.accuracy),
        Quantity::Metric(Metric::ValidationLoss) => Some(epoch.validation?.loss),
        _ => None,
    }
}

/// The epoch whose weights were kept and tested.
pub fn kept(record: &TrialRecord) -> Option<&Epoch> {
    let finished = record.finished.as_ref()?;
    match finished.best_epoch.filter(|_| finished.restored_best) {
        Some(best) => record.epochs.iter().find(|epoch| epoch.epoch == best),
        None => record.epochs.last(),
    }
}

/// The median over the epochs: the first is slower, and so is one that was disturbed.
pub fn speed(record: &TrialRecord) -> Option<f64> {
    median(&record.epochs.iter().map(Epoch::samples_per_second).collect::<Vec<_>>())
}

/// A trial with one thread that has less of a processor than this was disturbed.
const UNDISTURBED: f64 = 0.9;

/// Returns the share of a processor that a group's trials had, where the machine was too busy to give them nearly
/// all of one. Only trials with one thread on the CPU count.
pub fn disturbed(group: &Group) -> Option<f64> {
    let alone = |record: &&TrialRecord| {
        record.trial.environment.threads == 1 && record.fingerprint.engine.device == "cpu"
    };
    let epochs = || group.successes().filter(alone).flat_map(|record| &record.epochs);
    let wall: f64 = epochs().map(|epoch| epoch.train_seconds).sum();
    let share = epochs().map(|epoch| epoch.train_cpu_seconds).sum::<f64>() / wall;
    (0.0 < share && share < UNDISTURBED).then_some(share)
}
