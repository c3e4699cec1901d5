//! `tchbench nightly`: all that a night does, in one command that cron can start.

mod begin;
mod budget;
mod log;

use std::path::PathBuf;
use std::time::Duration;

use begin::{Begun, begin};
use budget::Budget;
use log::Log;

use super::compute::{Compute, interrupt};
use super::measure::{self, first_trials, measure_into};
use super::run::{self, RESULTS, common_numerics};
use super::{Ended, Exit, Failure, print, suites};
use crate::compare::nights;
use crate::data::catalogue;
use crate::record::{Folder, History, Lock, Measurement, Method};
use crate::report::{self, Format, render, terminal_width};
use crate::runner::{Bench, Plan, default_jobs};
use crate::suite::case::Suite;
use crate::suite::{Trial, expand};

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
    method: measure::Options,
    /// Trials side by side [default: cores / threads]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    /// Stop cleanly after this time, as in 2h or 90m, with exit code 22; the next night goes on
    #[arg(long, value_name = "TIME", value_parser = budget::parse)]
    budget: Option<Duration>,
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

pub(super) fn execute(args: Args) -> Ended {
    let log = Log::new();
    let _only = Lock::take(&args.results)?;
    let (launcher, interrupt) = (args.compute.launcher()?, interrupt()?);
    let budget = Budget::begin(args.budget, &interrupt)?;

    let suites = suites(&args)?;
    let datasets = run::load(&suites, args.data.clone())?;
    let numerics = args.compute.numerics().map_or_else(|| common_numerics(&suites), Ok)?;
    let (environment, engine) = args.compute.describe(numerics, &launcher, &interrupt)?;
    let digests = |name: &str| catalogue::find(name).map(catalogue::Entry::digests);
    let trials: Vec<Trial> = suites.iter().flat_map(|suite| expand(suite, environment, digests)).collect();
    let jobs = args.jobs.map_or_else(|| default_jobs(&environment), |jobs| jobs as usize);
    let (invocation, began) = (run::invocation(), jiff::Timestamp::now());
    let plan = Plan { suites, trials, environment, engine, jobs, invocation, began };
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
    let method = args.method.method();
    let unmeasured = unmeasured(&folder, first_trials(&plan.suites, plan.environment), &method)?;
    log.say(format_args!("measuring the throughput of {} cases", unmeasured.len()));
    let measured = measure_into(&folder, &unmeasured, 0.0, &bench, &method, false)?;
    for failed in &measured.failed {
        log.say(format_args!("error: {}: {}", failed.trial, failed.fault));
    }
    if let Some(exit) = budget.stopped() {
        return Ok(stopped(exit, "measuring throughput was not finished", log));
    }
    let failed = trained.failed + measured.failed.len();
    end(&args, &folder, &history, failed, log)
}

/// Compares, appends to the history and prints the summary.
fn end(args: &Args, folder: &Folder, history: &History, failed: usize, log: Log) -> Ended {
    let (records, mut unreadable) = folder.read_trials();
    let (measurements, errors) = folder.read_measurements();
    unreadable.extend(errors);
    let run = folder.read_run()?;
    let tonight = nights(&run, &records, &measurements, |_, _| None);
    history.append(&tonight)?;

    let tables = report::history(&tonight, 1);
    print(&render(&tables, Format::Text, terminal_width()))?;
    if let Some(path) = &args.summary {
        std::fs::write(path, render(&tables, Format::Markdown, None)).map_err(|error| {
            Failure::new(Exit::BadInput, format!("{}: cannot write: {error}", path.display()))
        })?;
    }
    for error in &unreadable {
        log.say(format_args!("error: {error}"));
    }
    log.say(format_args!("records: {}", folder.path().display()));
    Ok(match () {
        () if !unreadable.is_empty() => Exit::BadInput,
        () if failed > 0 => Exit::TrialFailed,
        () => Exit::Success,
    })
}

fn suites(args: &Args) -> Result<Vec<Suite>, Failure> {
    match (args.suites.is_empty(), args.profile.as_str()) {
        (true, profile) => suites::with_profile(profile),
        (false, "none") => suites::load_all(&args.suites, None),
        (false, profile) => suites::load_all(&args.suites, Some(profile)),
    }
}

fn stopped(exit: Exit, what: &str, log: Log) -> Exit {
    let why = if exit == Exit::Incomplete { "the budget is spent" } else { "interrupted" };
    log.say(format_args!("{why}: {what}; the next night goes on from here"));
    exit
}

/// The trials without a whole first measurement; what an interrupted night left of one is taken away,
/// because processes of two nights are not one measurement.
fn unmeasured(folder: &Folder, trials: Vec<Trial>, method: &Method) -> Result<Vec<Trial>, Failure> {
    let (measurements, _) = folder.read_measurements();
    let mut left = Vec::new();
    for trial in trials {
        let is_of = |found: &&Measurement| found.trial.suite == trial.suite && found.trial.case == trial.case;
        match measurements.iter().find(is_of) {
            Some(found) if found.processes.len() >= method.processes as usize => {}
            Some(found) => {
                folder.remove_measurement(found)?;
                left.push(trial);
            }
            None => left.push(trial),
        }
    }
    Ok(left)
}
