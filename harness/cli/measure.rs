//! `tchbench measure`: the throughput of cases, measured apart from training.

use std::path::PathBuf;

use crate::app::datasets;
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::{Compute, interrupt, undescribed};
use crate::app::options::method::Options;
use crate::app::records;
use crate::app::results::{self, RESULTS, new_run_name};
use crate::app::suites::{self, common_numerics};
use crate::app::throughput::{first_trials, measure_into};
use crate::event::Engine;
use crate::recipe::{ENGINE_REVISION, Environment, Name};
use crate::record::{Fingerprint, Folder, Run, run_name};
use crate::report::{Format, render, terminal_width, throughput};
use crate::runner::{Bench, Datasets, Interrupt, Launcher, LoadWatch, Measured, Plan, host};
use crate::suite::Selection;
use crate::suite::case::{Case, Suite};
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

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
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
        let datasets = datasets::load(&suites, args.data.clone())?;
        let folder = results::folder(&args.results, args.name.as_deref(), &run_name(began, &names))?;
        let load = LoadWatch::begin().end();
        let fingerprint = Fingerprint { host: host(), engine: engine.clone(), load };
        let invocation = results::invocation();
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
        let datasets = datasets::load(&suites, args.data.clone())?;
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
