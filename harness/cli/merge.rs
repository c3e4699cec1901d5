//! `tchbench merge`: makes one run of the shards that several machines trained.

use crate::app::exit::{Exit, Failure};
use crate::app::merging::merge;
use crate::app::options::folders::ResultsFolder;
use crate::app::results::new_run_name;
use crate::recipe::Name;

/// Make one run of the shards of a plan that several machines trained; exit code 22 where some are missing,
/// 13 where two hold different bits of one trial
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Runs by name or path: every shard of one plan
    #[arg(required = true, value_name = "RUN")]
    runs: Vec<String>,
    /// The name of the merged run's folder; what is merged there already is kept
    #[arg(long, value_parser = new_run_name)]
    name: Name,
    #[command(flatten)]
    results: ResultsFolder,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    merge(&args.results.folder, &args.runs, &args.name)
}
