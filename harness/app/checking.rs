//! Checks suites, their data and their networks without training.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::Sender;

use super::datasets::dataset_names;
use super::exit::{Exit, Failure};
use super::options::compute::Compute;
use super::options::folders::DataFolder;
use super::options::selection::ProfileOptions;
use super::suites::{self, common_numerics, first_trials};
use super::workers::Workers;
use crate::data::catalogue::require;
use crate::data::load_manifest;
use crate::recipe::Trial;
use crate::report::count;
use crate::runner::{Datasets, Error, Fault, default_jobs, side_by_side};
use crate::suite::case::Suite;
use crate::terminal::{print, tell};

/// Checks suites one by one, prints a line for each case that is sound, tells what is wrong with the others, and
/// returns the exit code.
///
/// # Errors
/// Fails if nothing can be computed, or on an interrupt.
pub fn check(
    names: &[PathBuf],
    profile: &ProfileOptions,
    compute: &Compute,
    data: &DataFolder,
) -> Result<Exit, Failure> {
    let mut problems: Vec<String> = Vec::new();
    let mut suites = Vec::new();
    let catalogue = data.catalogue();
    for suite in suites::load_each(names, profile, &catalogue) {
        match suite {
            Ok(suite) => suites.push(suite),
            // A wrong `--set` is a mistake of the command line, not of a suite.
            Err(failure) if failure.exit == Exit::Usage && !profile.settings.is_empty() => {
                return Err(failure);
            }
            Err(failure) => problems.push(failure.message),
        }
    }
    let mut datasets = Datasets::default();
    let roots = data.roots();
    for name in dataset_names(&suites) {
        let loaded = require(&catalogue, name).and_then(|manifest| load_manifest(manifest, &roots));
        if let Err(error) = loaded.and_then(|dataset| datasets.add(&dataset)) {
            problems.push(error.to_string());
        }
    }
    problems.extend(check_cases(compute, suites, &datasets)?);
    for problem in &problems {
        tell!("error: {problem}");
    }
    Ok(if problems.is_empty() { Exit::Success } else { Exit::BadInput })
}

/// Prints a line for each case that is sound, and returns what is wrong with the others.
fn check_cases(compute: &Compute, suites: Vec<Suite>, datasets: &Datasets) -> Result<Vec<String>, Failure> {
    if suites.is_empty() {
        return Ok(Vec::new());
    }
    let numerics = compute.numerics().map_or_else(|| common_numerics(&suites), Ok)?;
    let workers = compute.workers()?;
    let (environment, _) = compute.describe(numerics, &workers)?;
    let Workers { launcher, interrupt } = &workers;
    let trials = first_trials(&suites, environment);
    let order: Vec<usize> = (0..trials.len()).collect();
    let mut outcomes: BTreeMap<usize, Result<String, String>> = BTreeMap::new();
    let work = |index: usize, sender: &Sender<_>| {
        let trial = &trials[index];
        // A case whose dataset is missing was reported with that.
        let Some(data) = datasets.handle(&trial.experiment.data.dataset) else { return };
        let outcome = match launcher.check(trial, data, interrupt) {
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
    side_by_side(&order, default_jobs(&environment), interrupt, work, receive)?;
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
