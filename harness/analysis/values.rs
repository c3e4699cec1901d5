//! The values of a metric over the seeds of a group.

use super::group::Group;
use crate::metrics::Metric;
use crate::record::TrialRecord;
use crate::stats::Summary;

/// Returns the value of each trial of a group that ended well and yields it; of a time or a speed, of those on one processor.
pub fn values(metric: Metric, group: &Group) -> Vec<f64> {
    group.counted(metric).filter_map(|record| metric.value(&record.results())).collect()
}

/// Returns the summary over the seeds that yield it. Returns `None` if none does, or if one of them never reached the
/// target that the metric asks for.
pub fn summary(metric: Metric, group: &Group) -> Option<Summary> {
    Summary::of(&values(metric, group))
}

/// Returns how many trials of a group never reached the target that the metric asks for.
pub fn missed(metric: Metric, group: &Group) -> usize {
    values(metric, group).into_iter().filter(|value| value.is_infinite()).count()
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
