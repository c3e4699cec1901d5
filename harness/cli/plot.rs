//! `tchbench plot`: what runs found, as pictures.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::picture;
use crate::app::records::{Runs, select};
use crate::app::results::RESULTS;
use crate::report::{self, Format};
use crate::suite::presentation::{Figure, Kind, Quantity};
use crate::terminal::print;

/// Draw what runs found: learning curves, sweeps, distributions over seeds, accuracy against cost
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Runs by name or path; records of several are pooled where they are comparable
    #[arg(value_name = "RUN", default_value = "latest")]
    runs: Vec<String>,
    /// What is drawn
    #[arg(long, value_enum)]
    kind: Kind,
    /// The picture, as SVG or PNG by its ending; without it, the data behind it goes to stdout
    #[arg(long, value_name = "FILE", value_parser = picture::file)]
    out: Option<PathBuf>,
    /// Only these cases: one by its name, `case` or `suite/case`, else all with that as a part of it, or a
    /// glob over it; may be repeated
    #[arg(long = "filter", value_name = "PATTERN")]
    filters: Vec<String>,
    /// What is drawn of each case, such as validation-accuracy; by its kind where none is given (may be
    /// given several times)
    #[arg(long = "metric", value_name = "METRIC")]
    metrics: Vec<Quantity>,
    /// For a sweep: the field that a case is placed by, such as training.optimizer.lr; else the last number
    /// in its name
    #[arg(long, value_name = "FIELD")]
    by: Option<String>,
    /// For pareto: what accuracy is weighed against
    #[arg(long, value_name = "METRIC", default_value = "parameters")]
    against: Quantity,
    /// Above the picture
    #[arg(long, value_name = "TEXT", default_value = "")]
    title: String,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// The form of the data
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let mut found = Runs::read(&args.results, &args.runs)?;
    select(&mut found.records, &args.filters)?;
    if found.records.is_empty() {
        let exit = if found.is_whole() { Exit::NothingSelected } else { Exit::BadInput };
        let filters = args.filters.join(" --filter ");
        let message = match args.filters.is_empty() {
            true => "nothing to draw: no records yet".to_owned(),
            false => format!("--filter {filters}: no record's case matches; `tchbench table` shows them"),
        };
        return Err(Failure::new(exit, message));
    }
    let figure = Figure {
        title: args.title,
        kind: args.kind,
        cases: Vec::new(),
        metrics: args.metrics,
        by: args.by,
        against: args.against,
    };
    let plot = report::plot(&figure, &found.runs, &found.records).map_err(unplottable)?;
    match args.out {
        Some(path) => picture::write(&path, &plot.chart.svg())?,
        None => print(&report::render(&[plot.data], args.format, report::terminal_width())),
    }
    Ok(if found.is_whole() { Exit::Success } else { Exit::BadInput })
}

fn unplottable(error: report::Unplottable) -> Failure {
    let exit = match error {
        report::Unplottable::Empty { .. } => Exit::NothingSelected,
        report::Unplottable::Unplaceable(_) | report::Unplottable::Metrics { .. } => Exit::Usage,
    };
    Failure::new(exit, error.to_string())
}
