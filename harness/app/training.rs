//! Trains the trials of a run and shows its tables.

use std::path::Path;

use super::datasets;
use super::exit::{Exit, Failure};
use super::options::folders::{DataFolder, ResultsFolder};
use super::options::output::{OutputOptions, ProgressOptions};
use super::results::{RESULTS, create_folder};
use super::runs::{self, Runs};
use super::tables::{self, ShownTables};
use super::workers::Workers;
use crate::escape::shell;
use crate::recipe::Name;
use crate::record::{Folder, Run, Shard, run_name};
use crate::runner::{Error, Plan, RunSummary, resume, run};
use crate::terminal::tell;

/// How runs are trained: by what, from which data, and where they are recorded.
pub struct RunTraining<'a> {
    /// The workers that train.
    pub workers: &'a Workers,
    /// Where datasets are searched first.
    pub data: &'a DataFolder,
    /// Where runs are recorded.
    pub results: &'a ResultsFolder,
    /// Whether progress is shown.
    pub progress: ProgressOptions,
    /// The form of the tables at the end.
    pub output: OutputOptions,
}

impl RunTraining<'_> {
    /// Trains all trials of a plan in a new folder, and returns how it ended.
    ///
    /// # Errors
    /// Fails if a dataset is not found, if `name` is taken, or if nothing can be recorded.
    pub fn begin(&self, plan: &Plan, name: Option<&Name>) -> Result<Exit, Failure> {
        let datasets = datasets::load(&plan.suites, self.data)?;
        self.workers.check_uninterrupted()?;
        let suites: Vec<&str> = plan.suites.iter().map(|suite| suite.name.as_str()).collect();
        let default = run_name(plan.began, &suites);
        let folder = match &plan.shard {
            None => create_folder(&self.results.folder, name, &default)?,
            Some(shard) => {
                let name = name.map_or(default.as_str(), Name::as_str);
                let folder = Folder::named(&self.results.folder, &shard_name(name, shard))?;
                if folder.has_begun() {
                    let begun = begun_shard(plan, &folder)?;
                    tell!("note: going on with {}, which has begun", folder.path().display());
                    return self.continue_run(begun, &folder, Some(plan.jobs), false);
                }
                folder
            }
        };
        let Workers { launcher, interrupt } = self.workers;
        let mut observer = self.progress.observer(&plan.trials, plan.own_trials().len(), interrupt);
        let summary = run(plan, launcher, &datasets, &folder, interrupt, &mut *observer);
        drop(observer);
        self.end(summary, &folder)
    }

    /// Goes on with a run from what its folder holds, and returns how it ended.
    ///
    /// # Errors
    /// Fails if there is no such run, if it would not go on to the same bits here, or if nothing can be
    /// recorded.
    pub fn go_on(&self, run: &str, jobs: Option<u32>, retry_failed: bool) -> Result<Exit, Failure> {
        let folder = runs::folder(&self.results.folder, run)?;
        let begun = folder.read_run()?;
        self.continue_run(begun, &folder, jobs.map(|jobs| jobs as usize), retry_failed)
    }

    fn continue_run(
        &self,
        begun: Run,
        folder: &Folder,
        jobs: Option<usize>,
        retry_failed: bool,
    ) -> Result<Exit, Failure> {
        let what = format!("{}: it was begun on {}", folder.path().display(), begun.environment.device);
        let engine = self.workers.describe(&begun.environment, Exit::BadInput, &what)?;
        let mut plan = Plan::of_run(begun, folder, engine)?;
        plan.jobs = jobs.unwrap_or(plan.jobs);
        let datasets = datasets::load(&plan.suites, self.data)?;
        let Workers { launcher, interrupt } = self.workers;
        let mut observer = self.progress.observer(&plan.trials, plan.own_trials().len(), interrupt);
        let summary = resume(&plan, retry_failed, launcher, &datasets, folder, interrupt, &mut *observer);
        drop(observer);
        self.end(summary, folder)
    }

    /// Says how a run ended, and shows its tables where it is whole.
    fn end(&self, summary: Result<RunSummary, Error>, folder: &Folder) -> Result<Exit, Failure> {
        let summary = summary.map_err(|error| match error {
            Error::Shortage(_) => {
                let resume = self.line_to_resume(folder);
                Failure::new(Exit::Internal, format!("{error}; then go on with: {resume}"))
            }
            error => error.into(),
        })?;
        let path = folder.path().display();
        let done = summary.succeeded + summary.failed;
        let all = done + summary.unfinished;
        if summary.unfinished > 0 {
            tell!("interrupted: {done} of {all} trials are done; their records are in {path}");
            tell!("go on with: {}", self.line_to_resume(folder));
            return Ok(Exit::Interrupted);
        }
        let shown = tables::show(&Runs::of(folder)?, ShownTables::Architectures, self.output);
        tell!("records: {path}");
        if summary.failed > 0 {
            tell!("{} of {all} trials failed or diverged; their records say why", summary.failed);
            return Ok(Exit::TrialFailed);
        }
        Ok(shown)
    }

    fn line_to_resume(&self, folder: &Folder) -> String {
        let name = folder.name();
        let results = &self.results.folder;
        let word = |path: &Path| shell::word(&path.to_string_lossy());
        if results.join(&name) != folder.path() {
            format!("tchbench run --resume {}", word(folder.path()))
        } else if results == Path::new(RESULTS) {
            format!("tchbench run --resume {}", shell::word(&name))
        } else {
            format!("tchbench run --resume {} --results {}", shell::word(&name), word(results))
        }
    }
}

/// Returns the name of the folder of a part of a run.
fn shard_name(run: &str, shard: &Shard) -> String {
    format!("{run}-{}-of-{}", shard.index, shard.count)
}

/// Returns what has begun in a folder.
///
/// # Errors
/// Fails if that is another part, or of another plan.
fn begun_shard(plan: &Plan, folder: &Folder) -> Result<Run, Failure> {
    let begun = folder.read_run()?;
    let here = plan.to_run(begun.name.clone(), begun.fingerprint.clone());
    let same = |shard: &Shard| {
        plan.shard.as_ref().is_some_and(|own| (own.index, own.count) == (shard.index, shard.count))
    };
    if begun.plan == here.plan && begun.shard.as_ref().is_some_and(same) {
        return Ok(begun);
    }
    let path = folder.path().display();
    let message = format!("{path} is there already, and another plan has begun in it; give another --name");
    Err(Failure::new(Exit::Usage, message))
}
