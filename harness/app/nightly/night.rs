//! A night from its beginning to its end.

use super::begin::{NightRun, begin};
use super::budget::Budget;
use super::end::end;
use super::file::NightFiles;
use super::gate::{GateOptions, NightComparison};
use super::log::Log;
use crate::app::datasets;
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::Compute;
use crate::app::options::folders::{DataFolder, ResultsFolder};
use crate::app::options::output::ProgressOptions;
use crate::app::session::Session;
use crate::app::suites::first_trials;
use crate::app::throughput::{measure_into, without};
use crate::app::workers::Workers;
use crate::event::Commit;
use crate::recipe::Trial;
use crate::record::{Folder, History, Measurement, Method};
use crate::runner::{Bench, Datasets, resume, run};
use crate::suite::case::Suite;

/// What a night does its work with.
pub struct NightWork<'a> {
    /// What trains and measures.
    pub workers: &'a Workers,
    /// How long it may take.
    pub budget: &'a Budget,
    /// Where runs are made, and the history below them.
    pub results: &'a ResultsFolder,
    /// Where datasets are searched first.
    pub data: &'a DataFolder,
    /// How throughput is measured.
    pub method: Method,
    /// What the night is compared with.
    pub gate: &'a GateOptions,
    /// The files that are written besides.
    pub files: NightFiles<'a>,
    /// Where it says what it does.
    pub log: Log,
}

impl NightWork<'_> {
    /// Trains and measures these suites, compares them with their baselines, adds to the history, and returns
    /// whether anything got worse.
    ///
    /// # Errors
    /// Fails if a dataset is not found, if nothing can be computed, or if nothing can be recorded.
    pub fn pass(
        &self,
        compute: &Compute,
        suites: Vec<Suite>,
        commit: Option<Commit>,
        jobs: Option<u32>,
    ) -> Result<Exit, Failure> {
        let log = self.log;
        let datasets = datasets::load(&suites, self.data)?;
        let session = Session::begin(compute, suites, self.workers);
        if let (Err(Failure { exit: Exit::Interrupted, .. }), Some(exit)) = (&session, self.budget.stopped())
        {
            return Ok(self.stopped(exit, "nothing was begun"));
        }
        let session = Session { commit, ..session? };
        let trials = session.trials();
        let plan = session.plan(trials, jobs, jiff::Timestamp::now());
        log.say(format_args!("checked {} cases", first_trials(&plan.suites, plan.environment).len()));

        let history = History::of(&self.results.folder);
        let begun = begin(&self.results.folder, plan, &history, log)?;
        let unfinished = self.train(&begun, &datasets)?;
        let NightRun { folder, plan, .. } = begun;
        if let Some(exit) = self.budget.stopped() {
            let left = format!("{unfinished} of {} trials are left", plan.trials.len());
            return Ok(self.stopped(exit, &left));
        }

        let bench = Bench { commit: plan.commit.as_ref(), ..self.workers.bench(&plan.engine, &datasets) };
        let cases = first_trials(&plan.suites, plan.environment);
        let mut unmeasured = self.measure(&folder, &self.unmeasured(&folder, &cases)?, &bench)?;
        let unfinished = "measuring throughput was not finished";
        if let Some(exit) = self.budget.stopped() {
            return Ok(self.stopped(exit, unfinished));
        }

        let mut compared = self.gate.compare(&self.results.folder, &folder, log)?;
        let suspected = suspected(&compared, &cases);
        if !suspected.is_empty() {
            unmeasured.extend(self.measure(&folder, &suspected, &bench)?);
            if let Some(exit) = self.budget.stopped() {
                return Ok(self.stopped(exit, unfinished));
            }
            compared = self.gate.compare(&self.results.folder, &folder, log)?;
        }
        Ok(end(self.gate, self.files, &folder, &history, &compared, &unmeasured, log))
    }

    /// Trains what is left of the night's run, and returns how many trials are unfinished.
    fn train(&self, begun: &NightRun, datasets: &Datasets) -> Result<usize, Failure> {
        let NightRun { folder, plan, goes_on } = begun;
        let Workers { launcher, interrupt } = self.workers;
        let mut observer = self.log.observer(&plan.trials, interrupt);
        let summary = if *goes_on {
            resume(plan, false, launcher, datasets, folder, interrupt, &mut *observer)?
        } else {
            run(plan, launcher, datasets, folder, interrupt, &mut *observer)?
        };
        Ok(summary.unfinished)
    }

    /// Measures the throughput of these trials, and returns the names of those that failed.
    fn measure(&self, folder: &Folder, trials: &[Trial], bench: &Bench) -> Result<Vec<String>, Failure> {
        self.log.say(format_args!("measuring the throughput of {} cases", trials.len()));
        let measured = measure_into(folder, trials, bench, &self.method, ProgressOptions::shown())?;
        for failed in &measured.failed {
            self.log.say(format_args!("error: {}: {}", failed.trial, failed.fault));
        }
        Ok(measured.failed.into_iter().map(|failed| failed.trial).collect())
    }

    /// Says why the night stops, and returns its exit code.
    fn stopped(&self, exit: Exit, what: &str) -> Exit {
        let why = if exit == Exit::Incomplete { "the budget is spent" } else { "interrupted" };
        self.log.say(format_args!("{why}: {what}; the next night goes on from here"));
        exit
    }

    /// Returns the trials without a whole first measurement. What an interrupted night left of any measurement is
    /// taken away; one that was to confirm is made again where the comparison asks for it.
    fn unmeasured(&self, folder: &Folder, trials: &[Trial]) -> Result<Vec<Trial>, Failure> {
        let is_of = |found: &Measurement, trial: &Trial| {
            found.trial.suite == trial.suite && found.trial.case == trial.case
        };
        let measurements = without(folder, |found| {
            let is_short = found.processes.len() < found.method.processes.max(self.method.processes) as usize;
            is_short && trials.iter().any(|trial| is_of(found, trial))
        })?;
        let is_first = |found: &Measurement, trial: &Trial| found.attempt == 1 && is_of(found, trial);
        let is_missing = |trial: &&Trial| !measurements.iter().any(|found| is_first(found, trial));
        Ok(trials.iter().filter(is_missing).cloned().collect())
    }
}

/// Returns the trials of cases that look slower or faster.
fn suspected(compared: &NightComparison, cases: &[Trial]) -> Vec<Trial> {
    let is_suspected = |trial: &&Trial| compared.suspected().any(|name| name == (&trial.suite, &trial.case));
    cases.iter().filter(is_suspected).cloned().collect()
}
