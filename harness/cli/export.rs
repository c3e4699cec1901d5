//! `tchbench export`: runs in the form that another tool reads.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::export::{ExportTarget, export};
use crate::app::options::folders::ResultsFolder;
use crate::app::options::selection::FilterOptions;
use crate::report::RunFormat;

/// Write runs in the form that another tool reads
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The tool or its format.
    #[arg(value_enum, value_name = "FORMAT", help = "For which tool")]
    format: RunFormat,
    /// Runs by name or path, or `latest`; records of several are pooled where they are comparable [default: latest]
    #[arg(value_name = "RUN")]
    runs: Vec<String>,
    /// The file or folder that is written; a format of one text goes to stdout without it
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// The address of the server, for mlflow: http://127.0.0.1:5000
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    filters: FilterOptions,
    #[command(flatten)]
    results: ResultsFolder,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let Args { format, runs, out, url, filters, results } = args;
    export(&format, &ExportTarget { out, url }, &runs, &filters, &results)
}
