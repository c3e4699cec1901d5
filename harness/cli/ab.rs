//! `tchbench ab`: whether one program, or setting, is slower than another.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::Compute;
use crate::app::options::folders::DataFolder;
use crate::app::options::method::seconds;
use crate::app::options::output::{OutputOptions, ProgressOptions};
use crate::app::options::selection::{FilterOptions, ProfileOptions};
use crate::app::options::setting::SideSetting;
use crate::app::paired::{Pairing, SettledSide};
use crate::app::session::Session;
use crate::app::suites;
use jiff::Timestamp;

/// Say whether B is slower than A, measuring both in turn on every case
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.help("The form of the table")))]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/
    #[arg(required = true, value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// The program that is compared with [default: this one]
    #[arg(long, value_name = "PROGRAM")]
    a: Option<PathBuf>,
    /// The program that is compared [default: this one]
    #[arg(long, value_name = "PROGRAM")]
    b: Option<PathBuf>,
    /// A setting of A alone: device, numerics, threads, or slowdown (busy work after every step, as a
    /// fraction of it); may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    a_set: Vec<SideSetting>,
    /// A setting of B alone
    #[arg(long, value_name = "KEY=VALUE")]
    b_set: Vec<SideSetting>,
    #[command(flatten)]
    filters: FilterOptions,
    #[command(flatten)]
    profile: ProfileOptions,
    #[command(flatten)]
    compute: Compute,
    /// Time for a case: as many pairs of processes as fit, at least as many as an interval takes
    #[arg(long, default_value_t = 60.0, value_parser = seconds)]
    seconds: f64,
    /// End with exit code 11 where B is slower in any case
    #[arg(long, value_enum)]
    fail_on: Option<FailingOutcome>,
    /// Keep all samples in this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    data: DataFolder,
    #[command(flatten)]
    progress: ProgressOptions,
    #[command(flatten)]
    output: OutputOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailingOutcome {
    Slower,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let workers = args.compute.workers()?;
    let began = Timestamp::now();
    let suites = suites::select(&args.suites, &args.profile, &args.filters, None, &args.data.catalogue())?;
    let session = Session::begin(&args.compute, suites, &workers)?;
    let a = SettledSide::settle("--a", args.a.as_deref(), &args.a_set, session.environment, &workers)?;
    let b = SettledSide::settle("--b", args.b.as_deref(), &args.b_set, session.environment, &workers)?;
    let pairing = Pairing::new(&session, [&a, &b], &args.data, began)?;
    let measured = pairing.measure(args.seconds, args.out.as_deref(), args.progress, &workers)?;
    Ok(measured.show(args.output, args.fail_on.is_some(), &workers))
}
