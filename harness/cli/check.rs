//! `tchbench check`: everything short of training.

use std::path::PathBuf;

use crate::app::checking;
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::Compute;
use crate::app::options::folders::DataFolder;
use crate::app::options::selection::ProfileOptions;

/// Check suites: load them, verify their data, build every model, and take one batch forward and
/// backward
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/
    #[arg(required = true, value_name = "SUITE")]
    suites: Vec<PathBuf>,
    #[command(flatten)]
    profile: ProfileOptions,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    data: DataFolder,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    checking::check(&args.suites, &args.profile, &args.compute, &args.data)
}
