//! `tchbench calibrate`: this machine measured against itself.

use std::path::PathBuf;

use crate::app::calibrating::{Calibrating, check_processes};
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::Compute;
use crate::app::options::folders::{DataFolder, ResultsFolder};
use crate::app::options::method::MethodOptions;
use crate::app::options::output::{OutputOptions, ProgressOptions};
use crate::app::options::selection::{FilterOptions, ProfileOptions};
use crate::app::options::terms::TermsOptions;
use crate::app::options::terms::percent;
use crate::app::session::Session;
use crate::app::suites;
use jiff::Timestamp;

/// Measure this machine against itself, and with a known slowdown put in: what a verdict on throughput is
/// worth here
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.help("The form of the table")))]
#[command(mut_arg("results", |arg| arg.help("Where the calibration is kept, below `calibration/`")))]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/
    #[arg(default_value = "smoke", value_name = "SUITE")]
    suites: Vec<PathBuf>,
    #[command(flatten)]
    filters: FilterOptions,
    #[command(flatten)]
    profile: ProfileOptions,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    method: MethodOptions,
    #[command(flatten)]
    terms: TermsOptions,
    /// So often is every case measured as it is, and as often with the slowdown, in turn
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=1000))]
    repeats: u32,
    /// Busy work after every step of the slowed measurements, in percent of the step
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = percent)]
    slowdown: f64,
    #[command(flatten)]
    results: ResultsFolder,
    #[command(flatten)]
    data: DataFolder,
    #[command(flatten)]
    progress: ProgressOptions,
    #[command(flatten)]
    output: OutputOptions,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let method = args.method.method();
    check_processes(&method)?;
    let workers = args.compute.workers()?;
    let began = Timestamp::now();
    let suites = suites::select(&args.suites, &args.profile, &args.filters, None, &args.data.catalogue())?;
    let session = Session::begin(&args.compute, suites, &workers)?;
    let calibrating = Calibrating::new(session, &args.data, args.slowdown / 100.0, began)?;
    let Some(found) = calibrating.measure(&workers, &method, args.repeats, args.progress)? else {
        return Ok(Exit::Interrupted);
    };
    found.show(&args.terms, args.output)?;
    found.keep(&args.results)
}
