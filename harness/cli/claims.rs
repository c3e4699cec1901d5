//! `tchbench claims`: published figures against measured ones.

use std::path::PathBuf;

use crate::app::claims;
use crate::app::exit::{Exit, Failure};
use crate::app::options::output::OutputOptions;
use crate::app::options::runs::PooledRuns;

/// Compare published figures with measured ones; exit code 14 where one is not met, 22 where one is
/// unmeasured
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    runs: PooledRuns,
    /// The folder of the suites whose words on a result are shown where a run holds none
    #[arg(long, value_name = "DIR", default_value = "suites")]
    suites: PathBuf,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let mut found = args.runs.read()?;
    claims::add_words(&mut found, &args.suites);
    Ok(claims::show(&found, args.output))
}
