//! Measures the throughput of a run's cases into its folder.

use super::exit::Failure;
use super::options::output::ProgressOptions;
use crate::event::Engine;
use crate::recipe::Trial;
use crate::record::{Fingerprint, Folder, Measurement, Method, set_aside};
use crate::runner::{Bench, LoadWatch, MeasuredCase, Measurements, host, measure};
use crate::terminal::tell;

/// Measures these trials, each under its next free attempt, and writes what is found into `folder`
/// after each pass. The folder must be a run's, and not be locked.
///
/// # Errors
/// Fails if another process writes to the folder, or if it cannot be written.
pub fn measure_into(
    folder: &Folder,
    trials: &[Trial],
    bench: &Bench,
    method: &Method,
    progress: ProgressOptions,
) -> Result<Measurements, Failure> {
    let _lock = folder.lock()?;
    // What an interrupted measurement of these cases left would be judged as if it were one.
    without(folder, |found| {
        let is_short = found.processes.len() < found.method.processes as usize;
        let is_of = |trial: &Trial| found.trial.suite == trial.suite && found.trial.case == trial.case;
        is_short && trials.iter().any(is_of)
    })?;
    let subject = |trial: &Trial| {
        let attempt = folder.next_attempt(&trial.suite, &trial.case);
        MeasuredCase { trial: trial.clone(), attempt, slowdown: 0.0 }
    };
    let subjects: Vec<MeasuredCase> = trials.iter().map(subject).collect();
    let turns = trials.len() as u64 * u64::from(method.processes) * u64::from(method.rounds);
    let bar = progress.bar(turns, "rounds");
    let mut save = |measurement: &_| folder.write_measurement(measurement);
    let measured = measure(bench, &subjects, method, &mut save, &mut || bar.inc(1));
    bar.finish_and_clear();
    Ok(measured?)
}

/// Removes the measurements that `is_left_over` says are not finished, because processes of two times
/// are not one measurement, sets aside those that cannot be believed, and returns the others.
///
/// # Errors
/// Fails if the folder cannot be written.
pub fn without(
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

/// Returns what tells this machine and `engine` apart from others, with the machine's load now, of no commit.
pub fn fingerprint(engine: &Engine) -> Fingerprint {
    Fingerprint { host: host(), engine: engine.clone(), load: LoadWatch::begin().end(), commit: None }
}
