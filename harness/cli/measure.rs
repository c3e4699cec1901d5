//! `tchbench measure`: the throughput of cases, measured apart from training.

use std::io::IsTerminal;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressDrawTarget};

use super::compute::{Compute, interrupt, undescribed};
use super::records;
use super::run::{self, RESULTS, common_numerics, new_run_name};
use super::{Ended, Exit, Failure, suites};
use crate::data::catalogue;
use crate::event::Engine;
use crate::record::{Fingerprint, Folder, Measurement, Method, Run, run_name, set_aside};
use crate::report::{Format, render, terminal_width, throughput};
use crate::runner::{
    Bench, Datasets, Interrupt, Launcher, LoadWatch, Measured, Plan, Subject, host, measure,
};
use crate::suite::case::{Case, Suite};
use crate::suite::{ENGINE_REVISION, Environment, Name, Selection, Trial};
use crate::terminal::{print, tell};

/// Measure the throughput of every case: short rounds of training steps, interleaved over cases and
/// repeated in fresh processes
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/ [default with --into: the run's suites]
    #[arg(required_unless_present = "into", value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// Add to this run (a name, a path or `latest`), in its environment
    #[arg(long, value_name = "RUN", conflicts_with_all = ["device", "threads", "numerics", "name"])]
    into: Option<String>,
    /// Only these cases: one by its name, `case` or `suite/case`, else all with that as a part of it, or a
    /// glob over it; may be repeated
    #[arg(long = "filter", value_name = "PATTERN")]
    filters: Vec<String>,
    /// One of the suite's profiles
    #[arg(long, requires = "suites")]
    profile: Option<String>,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    method: Options,
    /// Where the run's folder is made
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// The name of the run's folder [default: time and suites]
    #[arg(long, value_parser = new_run_name)]
    name: Option<Name>,
    /// Where datasets are searched first
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// No progress
    #[arg(long)]
    quiet: bool,
    /// The form of the table at the end
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// How throughput is measured.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(super) struct Options {
    /// Fresh processes of each case, one after the other
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    processes: u32,
    /// Timed rounds in each process
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: u32,
    /// What a round should last, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 0.05, value_parser = seconds)]
    round_seconds: f64,
    /// The order of the cases within a round is drawn from it
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
}

impl Options {
    pub(super) fn method(self) -> Method {
        let Options { processes, rounds, round_seconds, seed } = self;
        Method { processes, rounds, round_seconds, seed }
    }
}

/// The options that ask for this method.
pub(super) fn options(method: &Method) -> String {
    let Method { processes, rounds, round_seconds, seed } = method;
    format!("--processes {processes} --rounds {rounds} --round-seconds {round_seconds} --seed {seed}")
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= 86_400.0 => Ok(seconds),
        _ => Err("give seconds, more than 0 and at most 86400".to_owned()),
    }
}

pub(super) fn execute(args: Args) -> Ended {
    let (launcher, interrupt) = (args.compute.launcher()?, interrupt()?);
    let place = match &args.into {
        Some(run) => Place::existing(run, &args, &launcher, &interrupt)?,
        None => Place::new(&args, &launcher, &interrupt)?,
    };
    let bench = Bench {
        launcher: &launcher,
        engine: &place.engine,
        datasets: &place.datasets,
        interrupt: &interrupt,
    };
    let trials = first_trials(&place.suites, place.environment);
    let measured = measure_into(&place.folder, &trials, 0.0, &bench, &args.method.method(), args.quiet)?;
    let tables: Vec<_> = throughput(&measured.measurements).into_iter().collect();
    print(&render(&tables, args.format, terminal_width()));
    Ok(end(&measured, &place.folder))
}

/// What is measured, and where it is kept.
struct Place {
    suites: Vec<Suite>,
    environment: Environment,
    engine: Engine,
    datasets: Datasets,
    folder: Folder,
}

impl Place {
    /// A folder of its own, of a run without trials.
    fn new(args: &Args, launcher: &Launcher, interrupt: &Interrupt) -> Result<Self, Failure> {
        let began = jiff::Timestamp::now();
        let suites = suites::select(&args.suites, args.profile.as_deref(), &args.filters, None)?;
        let names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
        let numerics = args.compute.numerics().map_or_else(|| common_numerics(&suites), Ok)?;
        let (environment, engine) = args.compute.describe(numerics, launcher, interrupt)?;
        let datasets = run::load(&suites, args.data.clone())?;
        let folder = run::folder(&args.results, args.name.as_deref(), &run_name(began, &names))?;
        let load = LoadWatch::begin().end();
        let fingerprint = Fingerprint { host: host(), engine: engine.clone(), load };
        let invocation = run::invocation();
        let (trials, keep_weights) = (Vec::new(), false);
        let plan = Plan { suites, trials, environment, engine, jobs: 1, keep_weights, invocation, began };
        folder.write_run(&plan.to_run(folder.run_name()?, fingerprint))?;
        Ok(Place { suites: plan.suites, environment, engine: plan.engine, datasets, folder })
    }

    /// The folder of a run that has begun.
    fn existing(run: &str, args: &Args, launcher: &Launcher, interrupt: &Interrupt) -> Result<Self, Failure> {
        let folder = records::folder(&args.results, run)?;
        let begun = folder.read_run()?;
        let suites = match args.suites.is_empty() {
            true => {
                let selection = Selection::new(&args.filters, None)?;
                suites::filter(begun.suites.clone(), &selection, &args.filters)?
            }
            false => suites::select(&args.suites, args.profile.as_deref(), &args.filters, None)?,
        };
        let environment = begun.environment;
        let engine = launcher.describe(&environment, interrupt).map_err(|fault| {
            let what = format!("{}: it was begun on {}", folder.path().display(), environment.device);
            undescribed(fault, Exit::BadInput, &what)
        })?;
        fits(&suites, &engine, &begun, &folder)?;
        let datasets = run::load(&suites, args.data.clone())?;
        Ok(Place { suites, environment, engine, datasets, folder })
    }
}

/// Refuses to add to a run what would make it several: other cases, another machine or other software.
fn fits(suites: &[Suite], engine: &Engine, begun: &Run, folder: &Folder) -> Result<(), Failure> {
    let refused = |why: &str| {
        let message = format!("{}: {why}; measure in a run of its own", folder.path().display());
        Err(Failure::new(Exit::BadInput, message))
    };
    for suite in suites {
        let planned = begun.suites.iter().find(|planned| planned.name == suite.name);
        let is_planned = |case: &Case| {
            let same = |one: &Case| one.name == case.name && one.experiment == case.experiment;
            planned.is_some_and(|planned| planned.cases.iter().any(same))
        };
        if let Some(case) = suite.cases.iter().find(|case| !is_planned(case)) {
            return refused(&format!("the run does not have {}/{} with this recipe", suite.name, case.name));
        }
    }
    let (measurements, _) = folder.read_measurements();
    let before = measurements.first().map_or(&begun.fingerprint, |first| &first.fingerprint);
    let here = Fingerprint { host: host(), engine: engine.clone(), load: LoadWatch::begin().end() };
    match here.digest() == before.digest() && begun.engine_revision == ENGINE_REVISION {
        true => Ok(()),
        false => refused("it is of another machine or other software"),
    }
}

/// Every case with its first seed.
pub(super) fn first_trials(suites: &[Suite], environment: Environment) -> Vec<Trial> {
    let digests = |name: &str| catalogue::find(name).map(catalogue::Entry::digests);
    let mut trials: Vec<Trial> =
        suites.iter().flat_map(|suite| crate::suite::expand(suite, environment, digests)).collect();
    trials.dedup_by(|later, first| later.suite == first.suite && later.case == first.case);
    trials
}

/// Measures these trials, each under its next free attempt, and writes what is found into `folder`
/// after each pass. The folder must be a run's, and not be locked.
pub(super) fn measure_into(
    folder: &Folder,
    trials: &[Trial],
    slowdown: f64,
    bench: &Bench,
    method: &Method,
    quiet: bool,
) -> Result<Measured, Failure> {
    let _lock = folder.lock()?;
    // What an interrupted measurement of these cases left would be judged as if it were one.
    without(folder, |found| {
        let is_short = found.processes.len() < found.method.processes as usize;
        let is_of = |trial: &Trial| found.trial.suite == trial.suite && found.trial.case == trial.case;
        is_short && trials.iter().any(is_of)
    })?;
    let subject = |trial: &Trial| {
        let attempt = folder.next_attempt(&trial.suite, &trial.case);
        Subject { trial: trial.clone(), attempt, slowdown }
    };
    let subjects: Vec<Subject> = trials.iter().map(subject).collect();
    let turns = trials.len() as u64 * u64::from(method.processes) * u64::from(method.rounds);
    let bar = bar(turns, "rounds", quiet);
    let mut save = |measurement: &_| folder.write_measurement(measurement);
    let measured = measure(bench, &subjects, method, &mut save, &mut || bar.inc(1));
    bar.finish_and_clear();
    Ok(measured?)
}

/// Removes the measurements that `is_left_over` says are not finished, because processes of two times
/// are not one measurement, sets aside those that cannot be believed, and gives the others.
pub(super) fn without(
    folder: &Folder,
    is_left_over: impl Fn(&Measurement) -> bool,
) -> Result<Vec<Measurement>, Failure> {
    let (mut measurements, damaged) = folder.read_measurements();
    for (error, path) in damaged.iter().filter_map(|error| Some((error, error.damaged()?))) {
        tell!("{error}; it is set aside as {}", set_aside(path)?.display());
    }
    for measurement in measurements.extract_if(.., |measurement| is_left_over(measurement)) {
        folder.remove_measurement(&measurement)?;
    }
    Ok(measurements)
}

/// Drawn where stderr is a terminal.
pub(super) fn bar(turns: u64, what: &str, quiet: bool) -> ProgressBar {
    let shown = !quiet && std::io::stderr().is_terminal();
    let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let template = format!("{{pos}}/{{len}} {what} {{wide_bar}} {{eta}} left");
    let style = indicatif::ProgressStyle::with_template(&template);
    let bar = ProgressBar::with_draw_target(Some(turns), target);
    style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
}

/// Says on stderr how it ended.
pub(super) fn end(measured: &Measured, folder: &Folder) -> Exit {
    tell!("measurements: {}", folder.path().display());
    for failed in &measured.failed {
        tell!("error: {}: {}", failed.trial, failed.fault);
    }
    if measured.interrupted {
        tell!("interrupted: the processes that were under way are not kept");
        return Exit::Interrupted;
    }
    if measured.failed.is_empty() { Exit::Success } else { Exit::TrialFailed }
}
