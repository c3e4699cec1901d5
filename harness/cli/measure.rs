//! `tchbench measure`: the throughput of cases, measured apart from training.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::app::exit::{Exit, Failure};
use crate::app::measuring::Measuring;
use crate::app::options::commit::CommitOption;
use crate::app::options::compute::Compute;
use crate::app::options::folders::{DataFolder, ResultsFolder};
use crate::app::options::method::MethodOptions;
use crate::app::options::output::{OutputOptions, ProgressOptions};
use crate::app::options::selection::{FilterOptions, ProfileOptions};
use crate::app::results::new_run_name;
use crate::app::session::Session;
use crate::app::{runs, suites};
use crate::recipe::Name;

/// Measure the throughput of every case: short rounds of training steps, interleaved over cases and
/// repeated in fresh processes
#[derive(Debug, clap::Args)]
#[command(mut_arg("profile", |arg| arg.requires("suites")))]
#[command(mut_arg("format", |arg| arg.help("The form of the table at the end")))]
#[command(mut_arg("results", |arg| arg.help("Where the run's folder is made")))]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/ [default with --into: the run's suites]
    #[arg(required_unless_present = "into", value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// Add to this run (a name, a path or `latest`), in its environment
    #[arg(long, value_name = "RUN", conflicts_with_all = ["device", "threads", "numerics", "name", "commit"])]
    into: Option<String>,
    #[command(flatten)]
    filters: FilterOptions,
    #[command(flatten)]
    profile: ProfileOptions,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    commit: CommitOption,
    #[command(flatten)]
    method: MethodOptions,
    #[command(flatten)]
    results: ResultsFolder,
    /// The name of the run's folder [default: time and suites]
    #[arg(long, value_parser = new_run_name)]
    name: Option<Name>,
    #[command(flatten)]
    data: DataFolder,
    #[command(flatten)]
    progress: ProgressOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let workers = args.compute.workers()?;
    let select = || suites::select(&args.suites, &args.profile, &args.filters, None, &args.data.catalogue());
    let measuring = if let Some(run) = &args.into {
        let folder = runs::folder(&args.results.folder, run)?;
        let begun = folder.read_run()?;
        let suites = match args.suites.as_slice() {
            [] => suites::filter(begun.suites.clone(), &args.filters)?,
            _ => select()?,
        };
        Measuring::within(folder, &begun, suites, &workers, &args.data)?
    } else {
        let began = Timestamp::now();
        let session = Session::begin(&args.compute, select()?, &workers)?;
        let session = Session { commit: args.commit.of(&args.suites), ..session };
        Measuring::alone(session, began, &args.results, args.name.as_ref(), &args.data)?
    };
    measuring.measure(&workers, &args.method.method(), args.progress, args.output)
}
