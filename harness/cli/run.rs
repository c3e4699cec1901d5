//! `tchbench run`: trains every trial of some suites and records how each ended.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::app::exit::{Exit, Failure};
use crate::app::options::commit::CommitOption;
use crate::app::options::compute::Compute;
use crate::app::options::folders::{DataFolder, ResultsFolder};
use crate::app::options::output::{OutputOptions, ProgressOptions};
use crate::app::options::selection::{FilterOptions, ProfileOptions};
use crate::app::options::shard::ShardOptions;
use crate::app::results::new_run_name;
use crate::app::session::Session;
use crate::app::shards;
use crate::app::suites;
use crate::app::training::RunTraining;
use crate::recipe::{Name, Trial};
use crate::report::planned;

/// Train every trial of some suites and record how each ended
#[derive(Debug, clap::Args)]
#[command(mut_arg("results", |arg| arg.help("Where the run's folder is made")))]
#[command(mut_arg("format", |arg| arg.help("The form of the tables at the end")))]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/
    #[arg(required_unless_present = "resume", value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// Go on with this run (a name, a path or `latest`): trials that are done are kept, others go on
    /// from their last epoch
    #[arg(
        long,
        value_name = "RUN",
        conflicts_with_all = [
            "suites", "filters", "seeds", "profile", "settings", "device", "threads", "numerics", "name", "dry_run",
            "keep_weights", "commit", "shard"
        ]
    )]
    resume: Option<String>,
    /// With --resume: do failed and diverged trials again
    #[arg(long, requires = "resume")]
    retry_failed: bool,
    #[command(flatten)]
    filters: FilterOptions,
    /// These seeds in place of the suite's, as in 1,2,5-8
    #[arg(long, value_name = "LIST")]
    seeds: Option<String>,
    #[command(flatten)]
    profile: ProfileOptions,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    commit: CommitOption,
    #[command(flatten)]
    shard: ShardOptions,
    /// Trials side by side [default: cores / threads]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    #[command(flatten)]
    results: ResultsFolder,
    /// The name of the run's folder [default: time and suites]; with --shard 2/8 it ends in -2-of-8, and a part that has
    /// begun there goes on
    #[arg(long, value_parser = new_run_name)]
    name: Option<Name>,
    #[command(flatten)]
    data: DataFolder,
    /// Keep the weights of every trial that succeeds beside its record, for `inspect` and `robustness`
    #[arg(long)]
    keep_weights: bool,
    /// Print the plan and train nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    progress: ProgressOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let workers = args.compute.workers()?;
    let Args { data, results, progress, output, .. } = &args;
    let training = RunTraining { workers: &workers, data, results, progress: *progress, output: *output };
    if let Some(run) = &args.resume {
        return training.go_on(run, args.jobs, args.retry_failed);
    }
    let began = Timestamp::now();
    let shard = args.shard.number()?;
    let suites = suites::select(
        &args.suites,
        &args.profile,
        &args.filters,
        args.seeds.as_deref(),
        &args.data.catalogue(),
    )?;
    let session = Session::begin(&args.compute, suites, &workers)?;
    let trials = session.trials();
    let mut plan = session.plan(trials, args.jobs, began);
    plan.keep_weights = args.keep_weights;
    plan.commit = args.commit.of(&args.suites);
    if let Some(number) = shard {
        shards::select(&mut plan, number, &args.data.catalogue());
    }
    if args.dry_run {
        let own: Vec<Trial> = plan.own_trials().into_iter().map(|index| plan.trials[index].clone()).collect();
        args.output.print(&[planned(&own, &plan.environment, plan.jobs)]);
        return Ok(Exit::Success);
    }
    training.begin(&plan, args.name.as_ref())
}
