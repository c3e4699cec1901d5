//! Pictures of what runs found, and the data behind each.

mod boxes;
mod curves;
mod pareto;
mod sweep;

use super::chart::Chart;
use super::group::{seeds_with, troubles};
use super::quantity::reservations;
use super::table::Table;
use crate::analysis::{Group, Unplaceable, chosen, value};
use crate::recipe::Metric;
use crate::record::{Run, TrialRecord};
use crate::suite::presentation::{Figure, Kind, Quantity, undrawable};

pub(super) use sweep::{is_best, number_cell};

/// A picture, and what it draws in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// To be drawn.
    pub chart: Chart,
    /// The same as a table.
    pub data: Table,
}

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unplottable {
    /// No trial that ended well has what the picture needs.
    #[error("nothing to draw: no trial here that ended well has {what}")]
    Empty {
        /// What is missing.
        what: String,
    },
    /// The cases cannot be placed along a number.
    #[error(transparent)]
    Unplaceable(#[from] Unplaceable),
    /// The metrics have no axis in common, or are not of every epoch.
    #[error("{metrics}: {why}")]
    Metrics {
        /// As the user spells them.
        metrics: String,
        /// What is wrong.
        why: &'static str,
    },
}

/// Draws a figure from records. Records are pooled as in a table: one series holds trials that differ in
/// nothing but the seed.
///
/// # Errors
/// Where no record has what the figure shows, or its metrics cannot be drawn together.
pub fn plot(figure: &Figure, runs: &[Run], records: &[TrialRecord]) -> Result<Plot, Unplottable> {
    let groups = chosen(runs, records, &figure.cases);
    if let Some(why) = undrawable(figure.kind, &figure.metrics) {
        let metrics = figure.metrics.iter().map(|metric| metric.word()).collect::<Vec<_>>().join(", ");
        return Err(Unplottable::Metrics { metrics, why });
    }
    match figure.kind {
        Kind::Curves => curves::draw(figure, &groups),
        Kind::Sweep => sweep::draw(figure, &groups),
        Kind::Box => boxes::draw(figure, &groups),
        Kind::Pareto => pareto::draw(figure, &groups),
    }
}

const TEST: Quantity = Quantity::Metric(Metric::TestAccuracy);
const VALIDATION: Quantity = Quantity::Metric(Metric::ValidationAccuracy);
const TRAIN: Quantity = Quantity::Metric(Metric::TrainAccuracy);

/// The accuracy that every trial that ended well has: on test, validation or training samples.
fn accuracy(groups: &[Group]) -> Quantity {
    let records: Vec<&TrialRecord> = groups.iter().flat_map(Group::successes).collect();
    let all = |quantity: &Quantity| records.iter().all(|record| value(*quantity, record).is_some());
    [TEST, VALIDATION].into_iter().find(all).unwrap_or(TRAIN)
}

/// Where a figure gives no title.
fn title(figure: &Figure, groups: &[Group], what: impl FnOnce() -> String) -> String {
    if !figure.title.is_empty() {
        return figure.title.clone();
    }
    let mut suites: Vec<&str> = groups.iter().map(|group| group.suite).collect();
    suites.dedup();
    format!("{}: {}", suites.join(", "), what())
}

/// What must be said of the groups: how many seeds, what was not pooled, what went wrong.
fn notes(groups: &[Group], spread: &str) -> Vec<String> {
    seeds_with(groups, spread).into_iter().chain(troubles(groups)).collect()
}

/// Of lines at the median with a band, and a look for each metric.
fn line_notes(
    groups: &[Group],
    metrics: &[Quantity],
    shown: &[Quantity],
    name: impl Fn(Quantity) -> String,
) -> Vec<String> {
    let looks =
        metrics.iter().zip(["solid", "dashed", "dotted"]).filter(|(metric, _)| shown.contains(metric));
    let looks: Vec<String> = looks.map(|(metric, look)| format!("{look}: {}", name(*metric))).collect();
    let looks = (shown.len() > 1).then(|| looks.join("; "));
    let notes = notes(groups, "lines at the median, bands from the 25th to the 75th percentile");
    looks.into_iter().chain(notes).chain(reservations(shown, groups)).collect()
}
