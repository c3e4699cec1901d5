//! What all pictures have in common: their titles, their notes, and why there may be none.

use crate::analysis::{Group, SweepError};
use crate::metrics::Metric;
use crate::record::TrialRecord;
use crate::report::chart::Chart;
use crate::report::group::{seeds_with, troubles};
use crate::report::metric::reservations;
use crate::report::table::Table;
use crate::suite::presentation::Figure;

/// A picture, and what it draws in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// The picture that is drawn.
    pub chart: Chart,
    /// The same as a table.
    pub data: Table,
}

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlotError {
    /// No trial that ended well has what the picture needs.
    #[error("nothing to draw: no trial here that ended well has {what}")]
    Empty {
        /// What the trials lack.
        what: String,
    },
    /// The cases cannot be placed along a number.
    #[error(transparent)]
    Sweep(#[from] SweepError),
    /// The metrics have no axis in common, or are not of every epoch.
    #[error("{metrics}: {why}")]
    Metrics {
        /// As the user spells them.
        metrics: String,
        /// Why they cannot be drawn.
        why: &'static str,
    },
}

const TEST: Metric = Metric::TEST_ACCURACY;
pub(super) const VALIDATION: Metric = Metric::VALIDATION_ACCURACY;
pub(super) const TRAIN: Metric = Metric::TRAIN_ACCURACY;

/// Returns the accuracy that every trial that ended well has: on test, validation or training samples.
pub(super) fn accuracy(groups: &[Group]) -> Metric {
    let records: Vec<&TrialRecord> = groups.iter().flat_map(Group::successes).collect();
    let all = |metric: &Metric| records.iter().all(|record| metric.value(&record.results()).is_some());
    [TEST, VALIDATION].into_iter().find(all).unwrap_or(TRAIN)
}

/// Returns where a figure gives no title.
pub(super) fn title(figure: &Figure, groups: &[Group], what: impl FnOnce() -> String) -> String {
    if !figure.title.is_empty() {
        return figure.title.clone();
    }
    let mut suites: Vec<&str> = groups.iter().map(|group| group.suite).collect();
    suites.dedup();
    format!("{}: {}", suites.join(", "), what())
}

/// Returns what must be said of the groups: how many seeds, what was not pooled, what went wrong.
pub(super) fn notes(groups: &[Group], spread: &str) -> Vec<String> {
    seeds_with(groups, spread).into_iter().chain(troubles(groups)).collect()
}

/// Returns the notes of lines at the median with a band, and a look for each metric.
pub(super) fn line_notes(
    groups: &[Group],
    metrics: &[Metric],
    shown: &[Metric],
    name: impl Fn(Metric) -> String,
) -> Vec<String> {
    let looks =
        metrics.iter().zip(["solid", "dashed", "dotted"]).filter(|(metric, _)| shown.contains(metric));
    let looks: Vec<String> = looks.map(|(metric, look)| format!("{look}: {}", name(*metric))).collect();
    let looks = (shown.len() > 1).then(|| looks.join("; "));
    let notes = notes(groups, "lines at the median, bands from the 25th to the 75th percentile");
    looks.into_iter().chain(notes).chain(reservations(shown, groups)).collect()
}
