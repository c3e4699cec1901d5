//! How values of metrics are written and drawn.

use super::chart::Axis;
use super::group::class_names;
use super::table::Cell;
use crate::analysis::{Group, disturbed, missed};
use crate::metrics::{Metric, Unit};

/// Returns what people call a metric, without its unit. `names` are those of the dataset's classes, or empty.
pub(super) fn plain_name(metric: Metric, names: &[String]) -> String {
    let name = metric.heading_with(names);
    name.trim_end_matches([' ', '%']).trim_end_matches(", s").trim_end_matches(", points").to_owned()
}

/// Returns what an axis is called that these metrics share: the heading of one; what several have in common, such as
/// `accuracy %`; their names where that is the unit alone. Returns `None` if there is no metric.
pub(super) fn axis_name(metrics: &[Metric], names: &[String]) -> Option<String> {
    let (first, others) = metrics.split_first()?;
    if others.is_empty() {
        return Some(first.heading_with(names));
    }
    let is_accuracy = |metric: &Metric| metric.heading().ends_with("accuracy %");
    Some(match first.unit() {
        Unit::Fraction if metrics.iter().all(is_accuracy) => "accuracy %".to_owned(),
        Unit::Fraction => {
            let plain: Vec<String> = metrics.iter().map(|metric| plain_name(*metric, names)).collect();
            format!("{} %", plain.join(", "))
        }
        Unit::Loss => "loss".to_owned(),
        Unit::Epochs => "epoch".to_owned(),
        Unit::Parameters => "parameters".to_owned(),
        Unit::Seconds => "seconds".to_owned(),
        Unit::SamplesPerSecond => "samples/s".to_owned(),
    })
}

/// What must be said of their loss, where it is not the cross-entropy alone.
fn of_loss(groups: &[Group]) -> Option<String> {
    let mut records = groups.iter().flat_map(Group::successes);
    let penalised = records.any(|record| record.trial.experiment.has_penalty());
    penalised.then(|| "loss: cross-entropy and, of a case with L2, its penalty".to_owned())
}

/// Returns what must be said of these metrics: of a loss, and of speeds.
pub(super) fn reservations(metrics: &[Metric], groups: &[Group]) -> Vec<String> {
    let has = |units: &[Unit]| metrics.iter().any(|metric| units.contains(&metric.unit()));
    let loss = has(&[Unit::Loss]).then(|| of_loss(groups)).flatten();
    let mut notes: Vec<String> = loss.into_iter().collect();
    notes.extend(metrics.iter().filter_map(|metric| never_reached(*metric, groups)));
    if has(&[Unit::Seconds, Unit::SamplesPerSecond]) {
        notes.extend(groups.iter().flat_map(|group| group.of_speed.clone()));
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

/// The seeds that never reached the target of a metric, which then has no mean over the seeds.
fn never_reached(metric: Metric, groups: &[Group]) -> Option<String> {
    let of = |group: &Group| {
        let missed = missed(metric, group);
        (missed > 0)
            .then(|| format!("{missed} of {} seeds of {}", group.counted(metric).count(), group.label))
    };
    let all: Vec<String> = groups.iter().filter_map(of).collect();
    (!all.is_empty())
        .then(|| format!("{}: never reached by {}", plain_name(metric, class_names(groups)), all.join(", ")))
}

/// Returns the value as a table holds it.
pub(super) fn cell(metric: Metric, value: f64) -> Cell {
    match metric.unit() {
        Unit::Fraction => Cell::Percent(value, 2),
        Unit::Loss => Cell::Number(value, 4),
        Unit::Epochs => Cell::Number(value, if value.fract() == 0.0 { 0 } else { 1 }),
        Unit::Parameters | Unit::SamplesPerSecond => Cell::Number(value, 0),
        Unit::Seconds => Cell::Seconds(value),
    }
}

/// Returns the value as a picture draws it: fractions in percent.
pub(super) fn drawn(metric: Metric, value: f64) -> f64 {
    if metric.unit() == Unit::Fraction { value * 100.0 } else { value }
}

/// Returns an axis for one metric.
pub(super) fn axis(metric: Metric, names: &[String]) -> Axis {
    match metric.unit() {
        Unit::Parameters | Unit::Seconds | Unit::SamplesPerSecond => Axis::log(metric.heading_with(names)),
        _ => Axis::linear(metric.heading_with(names)),
    }
}
