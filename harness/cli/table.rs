//! `tchbench table`: what runs found, as tables.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::results::RESULTS;
use crate::app::tables::{self, Shown};
use crate::report::Format;

/// Compare architectures over their seeds, from the records of runs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Runs by name or path; records of several are pooled where they are comparable
    #[arg(value_name = "RUN", default_value = "latest")]
    runs: Vec<String>,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// The form; csv and json hold full values and more columns
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Each trial epoch by epoch
    #[arg(long)]
    epochs: bool,
    /// What each case costs, reaches and over-fits, without a ranking
    #[arg(long, conflicts_with = "epochs")]
    compare: bool,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let shown = if args.epochs {
        Shown::Epochs
    } else if args.compare {
        Shown::Comparison
    } else {
        Shown::Architectures
    };
    tables::show(&args.results, &args.runs, shown, args.format)
}
