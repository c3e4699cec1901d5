//! `tchbench check`: everything short of training.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::Sender;

use crate::app::datasets::dataset_names;
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::{Compute, interrupt};
use crate::app::suites::{self, common_numerics};
use crate::app::throughput::first_trials;
use crate::data::{self, Roots};
use crate::recipe::Trial;
use crate::report::count;
use crate::runner::{Datasets, Error, Fault, default_jobs, side_by_side};
use crate::suite::case::Suite;
use crate::terminal::{print, tell};

/// Check suites: load them, verify their data, build every model, and take one batch forward and
/// backward
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A suite file, or the name of one in suites/
    #[arg(required = true, value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// One of the suite's profiles
    #[arg(long)]
    profile: Option<String>,
    #[command(flatten)]
    compute: Compute,
    /// Where datasets are searched first
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let mut problems: Vec<String> = Vec::new();
    let mut suites = Vec::new();
    for suite in suites::load_each(&args.suites, args.profile.as_deref()) {
        match suite {
            Ok(suite) => suites.push(suite),
            Err(failure) => problems.push(failure.message),
        }
    }
    let mut datasets = Datasets::default();
    let roots = Roots::from_environment(args.data.clone());
    for name in dataset_names(&suites) {
        if let Err(error) = data::load(name, &roots).and_then(|dataset| datasets.add(&dataset)) {
            problems.push(error.to_string());
        }
    }
    problems.extend(check_cases(&args, &suites, &datasets)?);
    for problem in &problems {
        tell!("error: {problem}");
    }
    Ok(if problems.is_empty() { Exit::Success } else { Exit::BadInput })
}

/// Prints a line for each case that is sound, and returns what is wrong with the others.
fn check_cases(args: &Args, suites: &[Suite], datasets: &Datasets) -> Result<Vec<String>, Failure> {
    if suites.is_empty() {
        return Ok(Vec::new());
    }
    let numerics = args.compute.numerics().map_or_else(|| common_numerics(suites), Ok)?;
    let launcher = args.compute.launcher()?;
    let interrupt = interrupt()?;
    let (environment, _) = args.compute.describe(numerics, &launcher, &interrupt)?;
    let trials = first_trials(suites, environment);
    let order: Vec<usize> = (0..trials.len()).collect();
    let mut outcomes: BTreeMap<usize, Result<String, String>> = BTreeMap::new();
    let work = |index: usize, sender: &Sender<_>| {
        let trial = &trials[index];
        // A case whose dataset is missing was reported with that.
        let Some(data) = datasets.handle(&trial.experiment.data.dataset) else { return };
        let outcome = match launcher.check(trial, data, &interrupt) {
            Err(Fault::Interrupted) => return,
            Err(fault @ Fault::Shortage(_)) => return drop(sender.send(Err(fault))),
            Err(fault) => Err(fault.to_string()),
            Ok((_, loss)) if !loss.is_finite() => Err(format!("the loss of the first batch is {loss}")),
            Ok((started, loss)) => {
                Ok(format!("ok, {} parameters, first loss {loss:.4}", count(started.parameters)))
            }
        };
        let _ = sender.send(Ok((index, outcome)));
    };
    let receive = |told: Result<_, Fault>| {
        let (index, outcome) = told.map_err(Error::Shortage)?;
        outcomes.insert(index, outcome);
        Ok::<(), Error>(())
    };
    side_by_side(&order, default_jobs(&environment), &interrupt, work, receive)?;
    if interrupt.is_requested() {
        return Err(Failure::new(Exit::Interrupted, "interrupted"));
    }

    let mut problems = Vec::new();
    let mut lines = String::new();
    for (index, outcome) in outcomes {
        let Trial { suite, case, .. } = &trials[index];
        match outcome {
            Ok(line) => lines += &format!("{suite}/{case}: {line}\n"),
            Err(problem) => problems.push(format!("{suite}/{case}: {problem}")),
        }
    }
    print(&lines);
    Ok(problems)
}
