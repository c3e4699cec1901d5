//! `tchbench robustness`: how well trained networks do on changed test images.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::WorkerProgram;
use crate::app::options::folders::DataFolder;
use crate::app::options::output::{OutputOptions, ProgressOptions};
use crate::app::options::runs::OneRun;
use crate::app::options::selection::FilterOptions;
use crate::app::picture;
use crate::app::robustness::score::Scoring;
use crate::app::robustness::scoring::TestedTrials;
use crate::app::robustness::strengths::Strengths;

/// Score trained networks, whose weights were kept, on scaled, rotated and translated test images.
///
/// What is found is kept in the run's folder; what is there already is not computed again, and needs
/// neither weights nor data.
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.help("The form; csv and json hold full values, a row for each case and strength")))]
pub(super) struct Args {
    #[command(flatten)]
    filters: FilterOptions,
    #[command(flatten)]
    strengths: Strengths,
    /// Trials side by side [default: cores / threads]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    #[command(flatten)]
    run: OneRun,
    #[command(flatten)]
    data: DataFolder,
    /// Draw accuracy against strength into this .svg or .png; of several pictures, each has what it
    /// shows added to the name
    #[arg(long, value_name = "FILE", value_parser = picture::file)]
    out: Option<PathBuf>,
    #[command(flatten)]
    progress: ProgressOptions,
    #[command(flatten)]
    output: OutputOptions,
    #[command(flatten)]
    worker: WorkerProgram,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let transforms = args.strengths.transforms();
    let mut trials = TestedTrials::find(args.run.folder()?, &args.filters)?;
    let Args { worker, data, jobs, progress, .. } = &args;
    let scoring = Scoring { worker, data, jobs: *jobs, progress: *progress };
    let interrupted = trials.score(&transforms, &scoring)?;
    if !interrupted {
        trials.show(&transforms, args.out.as_deref(), args.output)?;
    }
    Ok(trials.end(interrupted))
}
