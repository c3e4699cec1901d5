//! Measures two programs, or settings, in turn.

use std::path::Path;
use std::time::Duration;

use super::datasets;
use super::exit::{Exit, Failure};
use super::options::folders::DataFolder;
use super::options::output::{OutputOptions, ProgressOptions};
use super::options::setting::SideSetting;
use super::session::Session;
use super::suites::first_trials;
use super::workers::{Workers, undescribed};
use crate::analysis::judged_pairs;
use crate::compare::{Difference, fewest_pairs};
use crate::recipe::{Environment, Trial};
use crate::record::{self, Format, Paired, PairedCase};
use crate::report::paired;
use crate::runner::{self, Datasets, Fault, Launcher, SideFault, ab, host};
use crate::terminal::tell;

/// One of the two programs or settings: its workers, and what was settled for it.
pub struct SettledSide {
    option: &'static str,
    launcher: Launcher,
    settled: record::Side,
}

impl SettledSide {
    /// Settles the environment of the side that `option` names: that of all, but for its settings. `program` is
    /// asked what computes there; without one it is the program of `workers`.
    ///
    /// # Errors
    /// Fails if there is no such program, if it does not answer as a tchbench does, or if it cannot compute in the
    /// environment.
    pub fn settle(
        option: &'static str,
        program: Option<&Path>,
        settings: &[SideSetting],
        mut environment: Environment,
        workers: &Workers,
    ) -> Result<Self, Failure> {
        if let Some(program) = program.filter(|program| !program.is_file()) {
            let message = format!("{option} {}: no such file; give a tchbench", program.display());
            return Err(Failure::new(Exit::Usage, message));
        }
        let launcher = match program {
            Some(program) => Launcher::new(program.canonicalize().unwrap_or_else(|_| program.to_owned())),
            None => workers.launcher.clone(),
        };
        let mut slowdown = 0.0;
        for setting in settings {
            match *setting {
                SideSetting::Device(device) => environment.device = device,
                SideSetting::Numerics(numerics) => environment.numerics = numerics,
                SideSetting::Threads(threads) => environment.threads = threads,
                SideSetting::Slowdown(value) => slowdown = value,
            }
        }
        let environment = environment.canonical();
        let program = program.map_or_else(|| "this program".to_owned(), |path| path.display().to_string());
        let engine = launcher.describe(&environment, &workers.interrupt).map_err(|fault| match fault {
            Fault::Interrupted => undescribed(fault, Exit::Usage, option),
            Fault::Reported { .. } => Failure::new(Exit::BadInput, format!("{option} {program}: {fault}")),
            fault => {
                let message = format!("{option} {program}: it does not answer as a tchbench does: {fault}");
                Failure::new(Exit::Usage, message)
            }
        })?;
        let settled = record::Side { program, environment, slowdown, engine };
        Ok(SettledSide { option, launcher, settled })
    }

    fn ready<'a>(&'a self, trial: &'a Trial) -> runner::PairedSide<'a> {
        runner::PairedSide { launcher: &self.launcher, trial, slowdown: self.settled.slowdown }
    }

    /// Returns what is told of a trial that this side failed at.
    fn failed(&self, trial: &Trial, SideFault { early, fault, .. }: &SideFault) -> String {
        let SettledSide { option, settled, .. } = self;
        let advice = match fault {
            Fault::BadExit { .. } | Fault::Protocol { .. } if *early => {
                "\nif it is of another version, build both of versions that have `tchbench ab`"
            }
            _ => "",
        };
        format!("{}: {option} {}: {fault}{advice}", trial.name(), settled.program)
    }
}

/// Cases that both sides are measured on, in turn.
pub struct Pairing<'a> {
    sides: [&'a SettledSide; 2],
    /// Of each case the trial on either side.
    trials: Vec<[Trial; 2]>,
    datasets: Datasets,
    found: Paired,
}

impl<'a> Pairing<'a> {
    /// Pairs the first trial of each case on both sides, and loads the datasets.
    ///
    /// # Errors
    /// Fails if a dataset is not found.
    pub fn new(
        session: &Session,
        sides: [&'a SettledSide; 2],
        data: &DataFolder,
        began: jiff::Timestamp,
    ) -> Result<Self, Failure> {
        let datasets = datasets::load(&session.suites, data)?;
        let [a, b] = sides.map(|side| side.settled.clone());
        let trials_a = first_trials(&session.suites, a.environment);
        let trials_b = first_trials(&session.suites, b.environment);
        let trials = trials_a.into_iter().zip(trials_b).map(<[Trial; 2]>::from).collect();
        let found = Paired { format: Format::CURRENT, a, b, cases: Vec::new(), host: host(), began };
        Ok(Pairing { sides, trials, datasets, found })
    }

    /// Measures each case for so many seconds, or longer where that is too short for an interval, and keeps all
    /// samples in the file `out` after each case.
    ///
    /// # Errors
    /// Fails if the file cannot be written, or if the machine has no room for the processes.
    pub fn measure(
        mut self,
        seconds: f64,
        out: Option<&Path>,
        progress: ProgressOptions,
        workers: &Workers,
    ) -> Result<PairedResults, Failure> {
        let family = self.trials.len();
        let limit = (Duration::from_secs_f64(seconds), fewest_pairs(family));
        let mut failures = Vec::new();
        for [trial_a, trial_b] in &self.trials {
            let Trial { suite, case, seed, .. } = trial_a;
            let spinner = progress.spinner(&format!("{suite}/{case}"));
            let [a, b] = self.sides;
            let [ready_a, ready_b] = [a.ready(trial_a), b.ready(trial_b)];
            let mut tick = || spinner.inc(1);
            let measured = ab(ready_a, ready_b, limit, &self.datasets, &workers.interrupt, &mut tick);
            spinner.finish_and_clear();
            match measured? {
                Ok(pairs) => {
                    self.found.cases.push(PairedCase {
                        suite: suite.clone(),
                        case: case.clone(),
                        seed: *seed,
                        pairs,
                    });
                    if let Some(out) = out {
                        record::write(out, &self.found)?;
                    }
                }
                Err(SideFault { fault: Fault::Interrupted, .. }) => break,
                Err(fault) => failures.push(if fault.is_b { b } else { a }.failed(trial_a, &fault)),
            }
        }
        Ok(PairedResults { found: self.found, family, failures })
    }
}

/// What was measured of all cases.
pub struct PairedResults {
    found: Paired,
    /// How many cases there are, which the intervals hold for at once.
    family: usize,
    failures: Vec<String>,
}

impl PairedResults {
    /// Prints the table, tells what failed, and returns the exit code. Where B is slower in any case, that is no
    /// success if `fail_on_slower`.
    pub fn show(&self, output: OutputOptions, fail_on_slower: bool, workers: &Workers) -> Exit {
        let cases = judged_pairs(&self.found, self.family);
        let any_slower = cases.iter().any(|case| case.difference() == Some(Difference::Slower));
        let table = paired(&self.found, &cases);
        output.print(&[table]);
        for failure in &self.failures {
            tell!("error: {failure}");
        }
        if workers.interrupt.is_requested() {
            Exit::Interrupted
        } else if !self.failures.is_empty() {
            Exit::TrialFailed
        } else if any_slower && fail_on_slower {
            Exit::ThroughputRegressed
        } else {
            Exit::Success
        }
    }
}
