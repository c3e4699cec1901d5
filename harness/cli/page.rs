//! `tchbench page`: the page of experiments, from records and suites.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::options::folders::ResultsFolder;
use crate::app::page;

/// Write the page of experiments and its pictures, from the records of runs and the suites' texts
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Runs by name or path
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<String>,
    /// The page; its pictures go into a folder of its name beside it
    #[arg(long, value_name = "FILE", default_value = "docs/experiments.md")]
    out: PathBuf,
    /// The folder of the suites whose texts, tables and figures it shows
    #[arg(long, value_name = "DIR", default_value = "suites")]
    suites: PathBuf,
    #[command(flatten)]
    results: ResultsFolder,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    page::write(&args.out, &args.suites, &args.results, &args.runs)
}
