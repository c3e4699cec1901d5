//! Pictures of what runs found.

use std::path::Path;

use super::exit::{Exit, Failure};
use super::options::output::OutputOptions;
use super::options::selection::FilterOptions;
use super::picture;
use super::runs::{self, Runs};
use crate::report;
use crate::suite::presentation::Figure;

/// Keeps only the records whose case one of the filters means.
///
/// # Errors
/// Fails if a filter makes no sense, or if nothing is left.
pub fn select(found: &mut Runs, filters: &FilterOptions) -> Result<(), Failure> {
    runs::select(&mut found.records, filters)?;
    if !found.records.is_empty() {
        return Ok(());
    }
    let exit = if found.is_whole() { Exit::NothingSelected } else { Exit::BadInput };
    let message = if filters.patterns.is_empty() {
        "nothing to draw: no records yet".to_owned()
    } else {
        let patterns = filters.patterns.join(" --filter ");
        format!("--filter {patterns}: no record's case matches; `tchbench table` shows them")
    };
    Err(Failure::new(exit, message))
}

/// Draws a figure into the file `out`, or prints the data behind it where none is named. Returns the exit code.
///
/// # Errors
/// Fails if the records do not hold what the figure shows, or if the file cannot be written.
pub fn draw(
    found: &Runs,
    figure: &Figure,
    out: Option<&Path>,
    output: OutputOptions,
) -> Result<Exit, Failure> {
    let plot = report::plot(figure, &found.runs, &found.records).map_err(plot_failure)?;
    match out {
        Some(path) => picture::write(path, &plot.chart.svg())?,
        None => output.print(&[plot.data]),
    }
    Ok(if found.is_whole() { Exit::Success } else { Exit::BadInput })
}

fn plot_failure(error: report::PlotError) -> Failure {
    let exit = match error {
        report::PlotError::Empty { .. } => Exit::NothingSelected,
        report::PlotError::Sweep(_) | report::PlotError::Metrics { .. } => Exit::Usage,
    };
    Failure::new(exit, error.to_string())
}
