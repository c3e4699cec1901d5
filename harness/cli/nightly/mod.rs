//! `tchbench nightly`: all that a night does, in one command that cron can start.

mod begin;
mod budget;
mod end;
mod gate;
mod log;

use std::path::PathBuf;
use std::time::Duration;

use begin::{Begun, begin};
use budget::Budget;
use end::end;
use log::Log;

use crate::app::datasets;
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::{Compute, interrupt};
use crate::app::options::method::Options;
use crate::app::results::{RESULTS, invocation};
use crate::app::suites::{self, common_numerics};
use crate::app::throughput::{first_trials, measure_into, without};
use crate::data::catalogue;
use crate::recipe::Trial;
use crate::record::{Folder, History, Lock, Measurement, Method};
use crate::runner::{Bench, Plan, default_jobs};
use crate::suite::case::Suite;
use crate::suite::expand;

/// Do what a night does: check, train, measure, compare with the baselines, add to the history, and
/// say in one exit code whether anything got worse
#[derive(Debug, clap::Args)]
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
    method: Options,
    /// Trials side by side [default: cores / threads]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    /// Stop cleanly after this time, as in 2h or 90m, with exit code 22; the next night goes on
    #[arg(long, value_name = "TIME", value_parser = budget::parse)]
    budget: Option<Duration>,
    #[command(flatten)]
    gate: gate::Args,
    /// Write the summary to this file too, as markdown
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Where runs are made, and the history below them
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// Where datasets are searched first
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let log = Log::new();
    let _only = Lock::take(&args.results)?;
    let (launcher, interrupt) = (args.compute.launcher()?, interrupt()?);
    let budget = Budget::begin(args.budget, &interrupt)?;

    let suites = suites(&args)?;
    let datasets = datasets::load(&suites, args.data.clone())?;
    let numerics = args.compute.numerics().map_or_else(|| common_numerics(&suites), Ok)?;
    let described = args.compute.describe(numerics, &launcher, &interrupt);
    if let (Err(Failure { exit: Exit::Interrupted, .. }), Some(exit)) = (&described, budget.stopped()) {
        return Ok(stopped(exit, "nothing was begun", log));
    }
    let (environment, engine) = described?;
    let digests = |name: &str| catalogue::find(name).map(catalogue::Entry::digests);
    let trials: Vec<Trial> = suites.iter().flat_map(|suite| expand(suite, environment, digests)).collect();
    let jobs = args.jobs.map_or_else(|| default_jobs(&environment), |jobs| jobs as usize);
    let (invocation, began) = (invocation(), jiff::Timestamp::now());
    let plan = Plan { suites, trials, environment, engine, jobs, keep_weights: false, invocation, began };
    log.say(format_args!("checked {} cases", first_trials(&plan.suites, environment).len()));

    let history = History::of(&args.results);
    let Begun { folder, plan, goes_on } = begin(&args.results, plan, &history, log)?;
    let mut observer = log.observer(&plan.trials, &interrupt);
    let trained = match goes_on {
        true => {
            crate::runner::resume(&plan, false, &launcher, &datasets, &folder, &interrupt, &mut *observer)?
        }
        false => crate::runner::run(&plan, &launcher, &datasets, &folder, &interrupt, &mut *observer)?,
    };
    drop(observer);
    let left = format!("{} of {} trials are left", trained.unfinished, plan.trials.len());
    if let Some(exit) = budget.stopped() {
        return Ok(stopped(exit, &left, log));
    }

    let bench =
        Bench { launcher: &launcher, engine: &plan.engine, datasets: &datasets, interrupt: &interrupt };
    let cases = first_trials(&plan.suites, plan.environment);
    let measure = |trials: &[Trial]| {
        log.say(format_args!("measuring the throughput of {} cases", trials.len()));
        let measured = measure_into(&folder, trials, 0.0, &bench, &args.method.method(), false)?;
        for failed in &measured.failed {
            log.say(format_args!("error: {}: {}", failed.trial, failed.fault));
        }
        Ok::<usize, Failure>(measured.failed.len())
    };
    let mut failed = measure(&unmeasured(&folder, &cases, &args.method.method())?)?;
    let unfinished = "measuring throughput was not finished";
    if let Some(exit) = budget.stopped() {
        return Ok(stopped(exit, unfinished, log));
    }

    let mut compared = args.gate.compare(&args.results, &folder, log)?;
    let is_suspected = |trial: &&Trial| compared.suspected().any(|name| name == (&trial.suite, &trial.case));
    let suspected: Vec<Trial> = cases.iter().filter(is_suspected).cloned().collect();
    if !suspected.is_empty() {
        failed += measure(&suspected)?;
        if let Some(exit) = budget.stopped() {
            return Ok(stopped(exit, unfinished, log));
        }
        compared = args.gate.compare(&args.results, &folder, log)?;
    }
    Ok(end(&args, &folder, &history, &compared, failed, log))
}

fn suites(args: &Args) -> Result<Vec<Suite>, Failure> {
    match (args.suites.is_empty(), args.profile.as_str()) {
        (true, "none") => suites::with_profile(None),
        (true, profile) => suites::with_profile(Some(profile)),
        (false, "none") => suites::load_all(&args.suites, None),
        (false, profile) => suites::load_all(&args.suites, Some(profile)),
    }
}

fn stopped(exit: Exit, what: &str, log: Log) -> Exit {
    let why = if exit == Exit::Incomplete { "the budget is spent" } else { "interrupted" };
    log.say(format_args!("{why}: {what}; the next night goes on from here"));
    exit
}

/// The trials without a whole first measurement. What an interrupted night left of any measurement is
/// taken away; one that was to confirm is made again where the comparison asks for it.
fn unmeasured(folder: &Folder, trials: &[Trial], method: &Method) -> Result<Vec<Trial>, Failure> {
    let is_of = |found: &Measurement, trial: &Trial| {
        found.trial.suite == trial.suite && found.trial.case == trial.case
    };
    let measurements = without(folder, |found| {
        let is_short = found.processes.len() < found.method.processes.max(method.processes) as usize;
        is_short && trials.iter().any(|trial| is_of(found, trial))
    })?;
    let is_first = |found: &Measurement, trial: &Trial| found.attempt == 1 && is_of(found, trial);
    let is_missing = |trial: &&Trial| !measurements.iter().any(|found| is_first(found, trial));
    Ok(trials.iter().filter(is_missing).cloned().collect())
}
