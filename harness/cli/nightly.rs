//! `tchbench nightly`: all that a night does, in one command that cron can start.

use std::path::PathBuf;
use std::time::Duration;

use crate::app::exit::{Exit, Failure};
use crate::app::nightly::budget::{Budget, parse};
use crate::app::nightly::file::NightFiles;
use crate::app::nightly::gate::GateOptions;
use crate::app::nightly::log::Log;
use crate::app::nightly::night::NightWork;
use crate::app::options::commit::CommitOption;
use crate::app::options::compute::Compute;
use crate::app::options::folders::{DataFolder, ResultsFolder};
use crate::app::options::method::MethodOptions;
use crate::app::options::selection::ProfileOptions;
use crate::app::suites;
use crate::record::Lock;
use crate::suite::case::Suite;

/// Do what a night does: check, train, measure, compare with the baselines, add to the history, and
/// say in one exit code whether anything got worse
#[derive(Debug, clap::Args)]
#[command(mut_arg("results", |arg| arg.help("Where runs are made, and the history below them")))]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/ [default: all in suites/ that have the profile]
    #[arg(value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// The suites' profile; `none` for their full form
    #[arg(long, default_value = "quick")]
    profile: String,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    commit: CommitOption,
    #[command(flatten)]
    method: MethodOptions,
    /// Trials side by side [default: cores / threads]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    /// Stop cleanly after this time, as in 2h or 90m, with exit code 22; the next night goes on
    #[arg(long, value_name = "TIME", value_parser = parse)]
    budget: Option<Duration>,
    #[command(flatten)]
    gate: GateOptions,
    /// Write the summary to this file too, as markdown
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Write gauges to this file too, for Prometheus' node_exporter: its textfile collector reads *.prom
    #[arg(long, value_name = "FILE")]
    prometheus: Option<PathBuf>,
    #[command(flatten)]
    results: ResultsFolder,
    #[command(flatten)]
    data: DataFolder,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let log = Log::new();
    let _only = Lock::take(&args.results.folder)?;
    let workers = args.compute.workers()?;
    let budget = Budget::begin(args.budget, &workers.interrupt)?;
    let suites = selected(&args)?;
    let Args { results, data, gate, .. } = &args;
    let method = args.method.method();
    let files = NightFiles { summary: args.summary.as_deref(), prometheus: args.prometheus.as_deref() };
    let night = NightWork { workers: &workers, budget: &budget, results, data, method, gate, files, log };
    night.pass(&args.compute, suites, args.commit.of(&args.suites), args.jobs)
}

/// Returns the suites that are named, or all that have the profile.
fn selected(args: &Args) -> Result<Vec<Suite>, Failure> {
    let catalogue = args.data.catalogue();
    let profile = Some(args.profile.as_str()).filter(|profile| *profile != "none");
    if args.suites.is_empty() {
        suites::with_profile(profile, &catalogue)
    } else {
        let profile = ProfileOptions { name: profile.map(str::to_owned), ..ProfileOptions::default() };
        suites::load_all(&args.suites, &profile, &catalogue)
    }
}
