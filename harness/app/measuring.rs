//! Measures throughput in a run of its own, or adds to a run that has begun.

use super::datasets;
use super::exit::{Exit, Failure};
use super::options::folders::{DataFolder, ResultsFolder};
use super::options::output::{OutputOptions, ProgressOptions};
use super::results::create_folder;
use super::session::Session;
use super::suites::first_trials;
use super::throughput::{fingerprint, measure_into};
use super::workers::Workers;
use crate::event::{Commit, Engine};
use crate::recipe::{ENGINE_REVISION, Environment, Name};
use crate::record::{Fingerprint, Folder, Method, Run, run_name};
use crate::report::throughput;
use crate::runner::{Bench, Datasets, Measurements};
use crate::suite::case::{Case, Suite};
use crate::terminal::tell;

/// What is measured, and where it is recorded.
pub struct Measuring {
    suites: Vec<Suite>,
    environment: Environment,
    engine: Engine,
    commit: Option<Commit>,
    datasets: Datasets,
    folder: Folder,
}

impl Measuring {
    /// Measures in a new folder, of a run without trials, which begins now.
    ///
    /// # Errors
    /// Fails if a dataset is not found, if `name` is taken, or if the folder cannot be written.
    pub fn alone(
        session: Session,
        began: jiff::Timestamp,
        results: &ResultsFolder,
        name: Option<&Name>,
        data: &DataFolder,
    ) -> Result<Self, Failure> {
        let datasets = datasets::load(&session.suites, data)?;
        let suites: Vec<&str> = session.suites.iter().map(|suite| suite.name.as_str()).collect();
        let folder = create_folder(&results.folder, name, &run_name(began, &suites))?;
        let fingerprint = Fingerprint { commit: session.commit.clone(), ..fingerprint(&session.engine) };
        let plan = session.plan(Vec::new(), Some(1), began);
        folder.write_run(&plan.to_run(folder.run_name()?, fingerprint))?;
        Ok(Measuring {
            suites: plan.suites,
            environment: plan.environment,
            engine: plan.engine,
            commit: plan.commit,
            datasets,
            folder,
        })
    }

    /// Measures in the folder of a run that has begun, in its environment.
    ///
    /// # Errors
    /// Fails if the run does not have these cases, or if it began on another machine or with other software.
    pub fn within(
        folder: Folder,
        begun: &Run,
        suites: Vec<Suite>,
        workers: &Workers,
        data: &DataFolder,
    ) -> Result<Self, Failure> {
        let environment = begun.environment;
        let what = format!("{}: it was begun on {}", folder.path().display(), environment.device);
        let engine = workers.describe(&environment, Exit::BadInput, &what)?;
        fits(&suites, &engine, begun, &folder)?;
        let datasets = datasets::load(&suites, data)?;
        let commit = begun.fingerprint.commit.clone();
        Ok(Measuring { suites, environment, engine, commit, datasets, folder })
    }

    /// Measures each case, prints a table, and returns how it ended.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn measure(
        &self,
        workers: &Workers,
        method: &Method,
        progress: ProgressOptions,
        output: OutputOptions,
    ) -> Result<Exit, Failure> {
        let bench = Bench { commit: self.commit.as_ref(), ..workers.bench(&self.engine, &self.datasets) };
        let trials = first_trials(&self.suites, self.environment);
        let measured = measure_into(&self.folder, &trials, &bench, method, progress)?;
        output.print(throughput(&measured.measurements).as_slice());
        Ok(end(&measured, &self.folder))
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
    let here = fingerprint(engine);
    if here.digest() == before.digest() && begun.engine_revision == ENGINE_REVISION {
        Ok(())
    } else {
        refused("it is of another machine or other software")
    }
}

/// Says on stderr how it ended, and returns the exit code.
fn end(measured: &Measurements, folder: &Folder) -> Exit {
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
