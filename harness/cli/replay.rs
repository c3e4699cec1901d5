//! `tchbench replay`: whether a record's trial gives the same bits here and now.

use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::WorkerProgram;
use crate::app::options::folders::{DataFolder, ResultsFolder};
use crate::app::options::output::{OutputOptions, ProgressOptions};
use crate::app::replay;

/// Train a record's trial again, from the record alone, and say whether it gives the same bits
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A record's .json file, or RUN/SUITE/CASE/SEED
    record: String,
    #[command(flatten)]
    results: ResultsFolder,
    #[command(flatten)]
    data: DataFolder,
    #[command(flatten)]
    progress: ProgressOptions,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    worker: WorkerProgram,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let original = replay::ReplayedRecord::find(&args.record, &args.results, &args.data)?;
    original.replay(&args.worker.workers()?, args.progress, args.output)
}
