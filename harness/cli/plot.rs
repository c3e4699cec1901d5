//! `tchbench plot`: what runs found, as pictures.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::options::output::OutputOptions;
use crate::app::options::runs::PooledRuns;
use crate::app::options::selection::FilterOptions;
use crate::app::{picture, plot};
use crate::metrics::Metric;
use crate::suite::presentation::{Figure, FigureKind};

/// Draw what runs found: learning curves, sweeps, distributions over seeds, accuracy against cost
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.help("The form of the data")))]
pub(super) struct Args {
    /// The kind of picture.
    #[arg(long, value_enum, help = "What is drawn")]
    kind: FigureKind,
    /// The picture, as SVG or PNG by its ending; without it, the data behind it goes to stdout
    #[arg(long, value_name = "FILE", value_parser = picture::file)]
    out: Option<PathBuf>,
    #[command(flatten)]
    filters: FilterOptions,
    /// What is drawn of each case, such as validation-accuracy; by its kind where none is given (may be
    /// given several times)
    #[arg(long = "metric", value_name = "METRIC")]
    metrics: Vec<Metric>,
    /// For a sweep: the field that a case is placed by, such as training.optimizer.lr; else the last number
    /// in its name
    #[arg(long, value_name = "FIELD")]
    by: Option<String>,
    /// For pareto: what accuracy is weighed against
    #[arg(long, value_name = "METRIC", default_value = "parameters")]
    against: Metric,
    /// The text above the picture.
    #[arg(long, value_name = "TEXT", default_value = "", help = "Above the picture")]
    title: String,
    #[command(flatten)]
    runs: PooledRuns,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let mut found = args.runs.read()?;
    plot::select(&mut found, &args.filters)?;
    let figure = Figure {
        title: args.title,
        kind: args.kind,
        cases: Vec::new(),
        metrics: args.metrics,
        by: args.by,
        against: args.against,
    };
    plot::draw(&found, &figure, args.out.as_deref(), args.output)
}
