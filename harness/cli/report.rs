//! `tchbench report`: all that there is to say of runs, as one page.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::options::folders::{BaselinesFolder, ResultsFolder};
use crate::app::options::selection::FilterOptions;
use crate::app::options::terms::TermsOptions;
use crate::app::report::{self, ReportRequest};

/// Write a report of runs to read in a browser: one HTML file that needs nothing besides
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Runs by name or path, or `latest`; records of several are pooled where they are comparable
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<String>,
    /// Compare each run with a baseline's file or another run, as `tchbench diff` does, and begin with the verdict
    #[arg(long, value_name = "FILE|RUN")]
    baseline: Option<String>,
    /// The folder of the report; its file is index.html
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    results: ResultsFolder,
    #[command(flatten)]
    baselines: BaselinesFolder,
    #[command(flatten)]
    filters: FilterOptions,
    #[command(flatten)]
    terms: TermsOptions,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let Args { runs, baseline, out, results, baselines, filters, terms } = args;
    report::write(&ReportRequest { runs, baseline, results, baselines, filters, terms }, &out)
}
