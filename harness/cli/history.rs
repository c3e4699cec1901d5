//! `tchbench history`: what nights found, one after the other.

use crate::app::exit::{Exit, Failure};
use crate::app::history;
use crate::app::options::folders::ResultsFolder;
use crate::app::options::output::OutputOptions;

/// Show accuracy and throughput night by night, and since when they changed
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.help("The form; csv and json hold full values and more columns")))]
#[command(mut_arg("results", |arg| arg.help("Where runs are, and the history below them")))]
pub(super) struct Args {
    /// Only these cases: one by its name, `case` or `suite/case`, else all with that as a part of it, or a
    /// glob over it
    #[arg(value_name = "CASE")]
    cases: Vec<String>,
    /// Only these suites; may be repeated
    #[arg(long = "suite", value_name = "NAME")]
    suites: Vec<String>,
    /// So many nights of each case; change points are searched over all of them
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    last: u32,
    #[command(flatten)]
    results: ResultsFolder,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    history::show(&args.results, &args.suites, &args.cases, args.last, args.output)
}
