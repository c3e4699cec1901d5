//! `tchbench explain`: why two records are or are not of one experiment.

use crate::app::exit::{Exit, Failure};
use crate::app::options::folders::ResultsFolder;
use crate::app::options::output::OutputOptions;
use crate::app::records::find;
use crate::report::explanation;

/// Say field by field why two records are or are not of one experiment, and where their results part
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A record's .json file, or RUN/SUITE/CASE/SEED
    a: String,
    /// The record that it is compared with.
    #[arg(help = "Another")]
    b: String,
    #[command(flatten)]
    results: ResultsFolder,
    /// Also the fields that are the same
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let a = find(&args.results.folder, &args.a)?;
    let b = find(&args.results.folder, &args.b)?;
    let title = format!("{} and {}", args.a, args.b);
    args.output.print(&[explanation(title, &a, &b, args.all, args.output.format)]);
    let same = a.trial.identity == b.trial.identity;
    Ok(if same { Exit::Success } else { Exit::Incomparable })
}
