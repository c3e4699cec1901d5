//! Pictures of what runs found, and the data behind each.

mod boxes;
mod curves;
mod pareto;
mod shared;
mod sweep;

use crate::analysis::{Group, chosen};
use crate::record::{Run, TrialRecord};
use crate::suite::presentation::{Figure, FigureKind, undrawable};

pub(super) use curves::epochs;
pub use shared::{Plot, PlotError};
pub(super) use sweep::{is_best, number_cell};

/// Draws a figure from records. Records are pooled as in a table: one series holds trials that differ in
/// nothing but the seed.
///
/// # Errors
/// Where no record has what the figure shows, or its metrics cannot be drawn together.
pub fn plot(figure: &Figure, runs: &[Run], records: &[TrialRecord]) -> Result<Plot, PlotError> {
    plot_groups(figure, &chosen(runs, records, &figure.cases))
}

/// Draws a figure of these groups, in their order, whatever cases it names.
///
/// # Errors
/// Fails as [`plot`] does.
pub(super) fn plot_groups(figure: &Figure, groups: &[Group]) -> Result<Plot, PlotError> {
    if let Some(why) = undrawable(figure.kind, &figure.metrics) {
        let metrics = figure.metrics.iter().map(|metric| metric.word()).collect::<Vec<_>>().join(", ");
        return Err(PlotError::Metrics { metrics, why });
    }
    match figure.kind {
        FigureKind::Curves => curves::draw(figure, groups),
        FigureKind::Sweep => sweep::draw(figure, groups),
        FigureKind::Box => boxes::draw(figure, groups),
        FigureKind::Pareto => pareto::draw(figure, groups),
    }
}
