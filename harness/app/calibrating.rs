//! Measures this machine against itself: as it is, and with a known slowdown put in.

use std::time::Instant;

use super::datasets;
use super::exit::{Exit, Failure};
use super::options::folders::{DataFolder, ResultsFolder};
use super::options::output::{OutputOptions, ProgressOptions};
use super::options::terms::TermsOptions;
use super::session::Session;
use super::suites::first_trials;
use super::throughput::fingerprint;
use super::workers::Workers;
use crate::compare::{FEWEST, Noise, Terms, rates};
use crate::event::Engine;
use crate::recipe::Trial;
use crate::record::{CalibratedCase, Calibration, Format, Method, Throughput};
use crate::report::calibration;
use crate::runner::{Datasets, MeasuredCase, measure};
use crate::terminal::tell;

/// Checks that a method has enough processes to know how far apart they are.
///
/// # Errors
/// Fails if it has less than two.
pub fn check_processes(method: &Method) -> Result<(), Failure> {
    if method.processes < 2 {
        let message = "--processes: it takes two at least to know how far apart they are";
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(())
}

/// A calibration before anything is measured.
pub struct Calibrating {
    engine: Engine,
    trials: Vec<Trial>,
    datasets: Datasets,
    found: Calibration,
}

impl Calibrating {
    /// Loads the datasets. `slowdown` is the busy work after every step of the slowed measurements, as a fraction
    /// of the step.
    ///
    /// # Errors
    /// Fails if a dataset is not found.
    pub fn new(
        session: Session,
        data: &DataFolder,
        slowdown: f64,
        began: jiff::Timestamp,
    ) -> Result<Self, Failure> {
        let Session { suites, environment, engine, .. } = session;
        let datasets = datasets::load(&suites, data)?;
        let trials = first_trials(&suites, environment);
        let case =
            |trial: &Trial| CalibratedCase { trial: trial.clone(), plain: Vec::new(), slowed: Vec::new() };
        let found = Calibration {
            format: Format::CURRENT,
            fingerprint: fingerprint(&engine),
            began,
            seconds: 0.0,
            noise_floor: 0.0,
            slowdown,
            cases: trials.iter().map(case).collect(),
        };
        Ok(Calibrating { engine, trials, datasets, found })
    }

    /// Measures every case so often as it is and as often with the slowdown, in turn. Returns `None` if an
    /// interrupt ended it.
    ///
    /// # Errors
    /// Fails if a case fails, or if no two measurements of a case can be compared.
    pub fn measure(
        mut self,
        workers: &Workers,
        method: &Method,
        repeats: u32,
        progress: ProgressOptions,
    ) -> Result<Option<Calibrated>, Failure> {
        let bench = workers.bench(&self.engine, &self.datasets);
        let wall = Instant::now();
        let turns = u64::from(repeats) * 2 * self.trials.len() as u64;
        let rounds = turns * u64::from(method.processes) * u64::from(method.rounds);
        let bar = progress.bar(rounds, "rounds");
        for repeat in 0..repeats {
            for slowdown in [0.0, self.found.slowdown] {
                let subject =
                    |trial: &Trial| MeasuredCase { trial: trial.clone(), attempt: repeat + 1, slowdown };
                let subjects: Vec<MeasuredCase> = self.trials.iter().map(subject).collect();
                let measured = measure(&bench, &subjects, method, &mut |_| Ok(()), &mut || bar.inc(1))?;
                if measured.interrupted {
                    bar.finish_and_clear();
                    tell!("interrupted: {repeat} of {repeats} repeats are whole; nothing is kept");
                    return Ok(None);
                }
                if let Some(failed) = measured.failed.first() {
                    let message = format!("{}: {}; leave it out with --filter", failed.trial, failed.fault);
                    return Err(Failure::new(Exit::TrialFailed, message));
                }
                for (case, measurement) in self.found.cases.iter_mut().zip(&measured.measurements) {
                    let kept = if slowdown == 0.0 { &mut case.plain } else { &mut case.slowed };
                    kept.push(Throughput::of(measurement));
                }
            }
        }
        bar.finish_and_clear();
        let mut calibration = self.found;
        calibration.seconds = wall.elapsed().as_secs_f64();
        let noise = Noise::of(&calibration.cases)
            .ok_or_else(|| Failure::new(Exit::Internal, "no two measurements of a case can be compared"))?;
        calibration.noise_floor = noise.largest_floor();
        Ok(Some(Calibrated { calibration, noise, repeats }))
    }
}

/// A calibration that was measured.
pub struct Calibrated {
    calibration: Calibration,
    noise: Noise,
    repeats: u32,
}

impl Calibrated {
    /// Prints what a verdict on throughput is worth here on these terms.
    ///
    /// # Errors
    /// Fails if the terms make no sense.
    pub fn show(&self, terms: &TermsOptions, output: OutputOptions) -> Result<(), Failure> {
        let terms = Terms { noise: self.noise.clone(), ..terms.terms()? };
        output.print(&[calibration(&self.calibration, &rates(&self.calibration.cases, &terms))]);
        Ok(())
    }

    /// Keeps it below the results folder where it has enough repeats, and returns the exit code.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn keep(&self, results: &ResultsFolder) -> Result<Exit, Failure> {
        let repeats = self.repeats;
        if (repeats as usize) < FEWEST {
            tell!("not kept: {repeats} repeats tell the noise floors too roughly; {FEWEST} or more are kept");
            return Ok(Exit::Success);
        }
        tell!("calibration: {}", self.calibration.write(&results.folder)?.display());
        Ok(Exit::Success)
    }
}
