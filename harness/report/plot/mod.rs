//! Pictures of what runs found, and the data behind each.

mod boxes;
mod curves;
mod pareto;
mod shared;
mod sweep;

use crate::analysis::chosen;
use crate::record::{Run, TrialRecord};
use crate::suite::presentation::{Figure, FigureKind, undrawable};

pub use shared::{Plot, PlotError};
pub(super) use sweep::{is_best, number_cell};

/// Draws a figure from records. Records are pooled as in a table: one series holds trials that differ in
/// nothing but the seed.
///
/// # Errors
/// Where no record has what the figure shows, or its metrics cannot be drawn together.
pub fn plot(figure: &Figure, runs: &[Run], records: &[TrialRecord]) -> Result<Plot, PlotError> {
    let groups = chosen(runs, records, &figure.cases);
    if let Some(why) = undrawable(figure.kind, &figure.metrics) {
        let metrics = figure.metrics.iter().map(|metric| metric.word()).collect::<Vec<_>>().join(", ");
        return Err(PlotError::Metrics { metrics, why });
    }
    match figure.kind {
        FigureKind::Curves => curves::draw(figure, &groups),
        FigureKind::Sweep => sweep::draw(figure, &groups),
        FigureKind::Box => boxes::draw(figure, &groups),
        FigureKind::Pareto => pareto::draw(figure, &groups),
    }
}
