//! Measures the throughput of a run's cases into its folder.

use super::exit::Failure;
use super::progress::bar;
use crate::data::catalogue;
use crate::recipe::{Environment, Trial};
use crate::record::{Folder, Measurement, Method, set_aside};
use crate::runner::{Bench, Measured, Subject, measure};
use crate::suite::case::Suite;
use crate::terminal::tell;

/// Every case with its first seed.
pub fn first_trials(suites: &[Suite], environment: Environment) -> Vec<Trial> {
    let digests = |name: &str| catalogue::find(name).map(catalogue::Entry::digests);
    let mut trials: Vec<Trial> =
        suites.iter().flat_map(|suite| crate::suite::expand(suite, environment, digests)).collect();
    trials.dedup_by(|later, first| later.suite == first.suite && later.case == first.case);
    trials
}

/// Measures these trials, each under its next free attempt, and writes what is found into `folder`
/// after each pass. The folder must be a run's, and not be locked.
pub fn measure_into(
    folder: &Folder,
    trials: &[Trial],
    slowdown: f64,
    bench: &Bench,
    method: &Method,
    quiet: bool,
) -> Result<Measured, Failure> {
    let _lock = folder.lock()?;
    // What an interrupted measurement of these cases left would be judged as if it were one.
    without(folder, |found| {
        let is_short = found.processes.len() < found.method.processes as usize;
        let is_of = |trial: &Trial| found.trial.suite == trial.suite && found.trial.case == trial.case;
        is_short && trials.iter().any(is_of)
    })?;
    let subject = |trial: &Trial| {
        let attempt = folder.next_attempt(&trial.suite, &trial.case);
        Subject { trial: trial.clone(), attempt, slowdown }
    };
    let subjects: Vec<Subject> = trials.iter().map(subject).collect();
    let turns = trials.len() as u64 * u64::from(method.processes) * u64::from(method.rounds);
    let bar = bar(turns, "rounds", quiet);
    let mut save = |measurement: &_| folder.write_measurement(measurement);
    let measured = measure(bench, &subjects, method, &mut save, &mut || bar.inc(1));
    bar.finish_and_clear();
    Ok(measured?)
}

/// Removes the measurements that `is_left_over` says are not finished, because processes of two times
/// are not one measurement, sets aside those that cannot be believed, and gives the others.
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
