//! `tchbench run`: trains every trial of some suites and records how each ended.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app::datasets;
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::{Compute, interrupt, undescribed};
use crate::app::records;
use crate::app::results::{self, RESULTS, invocation, new_run_name};
use crate::app::suites::{self, common_numerics};
use crate::app::tables::{self, Shown};
use crate::data::catalogue;
use crate::escape::shell;
use crate::recipe::{Name, Trial};
use crate::record::{Folder, run_name};
use crate::report::{Format, planned, render, terminal_width};
use crate::runner::{Error, Fault, Interrupt, Launcher, Plan, Summary, default_jobs, observer, resume, run};
use crate::suite::expand;
use crate::terminal::{print, tell};

/// Train every trial of some suites and record how each ended
#[derive(Debug, clap::Args)]
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
            "suites", "filters", "seeds", "profile", "device", "threads", "numerics", "name", "dry_run",
            "keep_weights"
        ]
    )]
    resume: Option<String>,
    /// With --resume: do failed and diverged trials again
    #[arg(long, requires = "resume")]
    retry_failed: bool,
    /// Only these cases: one by its name, `case` or `suite/case`, else all with that as a part of it, or a
    /// glob over it; may be repeated
    #[arg(long = "filter", value_name = "PATTERN")]
    filters: Vec<String>,
    /// These seeds in place of the suite's, as in 1,2,5-8
    #[arg(long, value_name = "LIST")]
    seeds: Option<String>,
    /// One of the suite's profiles
    #[arg(long)]
    profile: Option<String>,
    #[command(flatten)]
    compute: Compute,
    /// Trials side by side [default: cores / threads]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    /// Where the run's folder is made
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// The name of the run's folder [default: time and suites]
    #[arg(long, value_parser = new_run_name)]
    name: Option<Name>,
    /// Where datasets are searched first
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keep the weights of every trial that succeeds beside its record, for `inspect` and `robustness`
    #[arg(long)]
    keep_weights: bool,
    /// Print the plan and train nothing
    #[arg(long)]
    dry_run: bool,
    /// No progress
    #[arg(long)]
    quiet: bool,
    /// The form of the tables at the end
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let (launcher, interrupt) = (args.compute.launcher()?, interrupt()?);
    if let Some(run) = &args.resume {
        return go_on(run, &args, &launcher, &interrupt);
    }
    let began = jiff::Timestamp::now();
    let suites = suites::select(&args.suites, args.profile.as_deref(), &args.filters, args.seeds.as_deref())?;
    let names: Vec<&str> = suites.iter().map(|suite| suite.name.as_str()).collect();
    let name = run_name(began, &names);
    let numerics = args.compute.numerics().map_or_else(|| common_numerics(&suites), Ok)?;
    let (environment, engine) = args.compute.describe(numerics, &launcher, &interrupt)?;
    let digests = |name: &str| catalogue::find(name).map(catalogue::Entry::digests);
    let trials: Vec<Trial> = suites.iter().flat_map(|suite| expand(suite, environment, digests)).collect();
    let jobs = args.jobs.map_or_else(|| default_jobs(&environment), |jobs| jobs as usize);
    let invocation = invocation();
    let keep_weights = args.keep_weights;
    let plan = Plan { suites, trials, environment, engine, jobs, keep_weights, invocation, began };
    if args.dry_run {
        print(&render(&[planned(&plan.trials, &environment, jobs)], args.format, terminal_width()));
        return Ok(Exit::Success);
    }
    let datasets = datasets::load(&plan.suites, args.data.clone())?;
    if interrupt.is_requested() {
        return Err(undescribed(Fault::Interrupted, Exit::Interrupted, ""));
    }
    let folder = results::folder(&args.results, args.name.as_deref(), &name)?;
    let mut observer = observer(&plan.trials, args.quiet, &interrupt);
    let summary = run(&plan, &launcher, &datasets, &folder, &interrupt, &mut *observer);
    drop(observer);
    end(summary, &folder, &args)
}

/// Goes on with a run from what its folder holds.
fn go_on(run: &str, args: &Args, launcher: &Launcher, interrupt: &Arc<Interrupt>) -> Result<Exit, Failure> {
    let folder = records::folder(&args.results, run)?;
    let begun = folder.read_run()?;
    let engine = launcher.describe(&begun.environment, interrupt).map_err(|fault| {
        let what = format!("{}: it was begun on {}", folder.path().display(), begun.environment.device);
        undescribed(fault, Exit::BadInput, &what)
    })?;
    let mut plan = Plan::of_run(begun, &folder, engine)?;
    plan.jobs = args.jobs.map_or(plan.jobs, |jobs| jobs as usize);
    let datasets = datasets::load(&plan.suites, args.data.clone())?;
    let mut observer = observer(&plan.trials, args.quiet, interrupt);
    let summary = resume(&plan, args.retry_failed, launcher, &datasets, &folder, interrupt, &mut *observer);
    drop(observer);
    end(summary, &folder, args)
}

/// Says how a run ended, and shows its tables where it is whole.
fn end(summary: Result<Summary, Error>, folder: &Folder, args: &Args) -> Result<Exit, Failure> {
    let summary = summary.map_err(|error| match error {
        Error::Shortage(_) => {
            let resume = line_to_resume(folder, &args.results);
            Failure::new(Exit::Internal, format!("{error}; then go on with: {resume}"))
        }
        error => error.into(),
    })?;
    let (path, done) = (folder.path().display(), summary.succeeded + summary.failed);
    let all = done + summary.unfinished;
    if summary.unfinished > 0 {
        tell!("interrupted: {done} of {all} trials are done; their records are in {path}");
        tell!("go on with: {}", line_to_resume(folder, &args.results));
        return Ok(Exit::Interrupted);
    }
    let shown = tables::show(
        Path::new(""),
        &[folder.path().display().to_string()],
        Shown::Architectures,
        args.format,
    )?;
    tell!("records: {path}");
    if summary.failed > 0 {
        tell!("{} of {all} trials failed or diverged; their records say why", summary.failed);
        return Ok(Exit::TrialFailed);
    }
    Ok(shown)
}

fn line_to_resume(folder: &Folder, results: &Path) -> String {
    let name = folder.name();
    let word = |path: &Path| shell::word(&path.to_string_lossy());
    if results.join(&name) != folder.path() {
        format!("tchbench run --resume {}", word(folder.path()))
    } else if results == Path::new(RESULTS) {
        format!("tchbench run --resume {}", shell::word(&name))
    } else {
        format!("tchbench run --resume {} --results {}", shell::word(&name), word(results))
    }
}
