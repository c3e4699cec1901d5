//! The speed that a measurement found.

use crate::record::{Measurement, Process, Round};
use crate::stats::{Summary, location, median};

/// The speed of a case's training steps: where nothing else is said, the median over processes of each one's median
/// over rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuredSpeed {
    /// The number of samples trained on per second.
    pub samples_per_second: Option<f64>,
    /// The sample standard deviation of that over processes, relative; `None` for one process.
    pub spread: Option<f64>,
    /// The wall time of a step in milliseconds.
    pub step_milliseconds: Option<f64>,
    /// The processor time of a step in milliseconds.
    pub step_cpu_milliseconds: Option<f64>,
    /// The device's time for a step in milliseconds; `None` if some round did not measure it.
    pub step_device_milliseconds: Option<f64>,
    /// The fastest step in units of the fastest run of the calibration kernel: the median over processes.
    pub calibrated: Option<f64>,
    /// The number of rounds of all processes.
    pub rounds: usize,
    /// The number of rounds in which the machine was not left alone.
    pub noisy_rounds: usize,
    /// The number of processes that grew steady.
    pub steady_processes: usize,
}

impl MeasuredSpeed {
    /// Returns what a measurement found.
    pub fn of(measurement: &Measurement) -> Self {
        let processes = &measurement.processes;
        let speeds = process_speeds(measurement);
        let milliseconds = |time: &dyn Fn(&Round) -> f64| {
            let of = |process: &Process| over(process, |round| 1e3 * time(round) / f64::from(round.steps));
            median(&each(processes, of))
        };
        let rounds: Vec<&Round> = processes.iter().flat_map(|process| &process.rounds).collect();
        let on_device = rounds.iter().all(|round| round.device_seconds.is_some());
        let device = || milliseconds(&|round| round.device_seconds.unwrap_or_default());
        MeasuredSpeed {
            samples_per_second: median(&speeds),
            spread: Summary::of(&speeds).and_then(|speeds| Some(speeds.deviation? / speeds.mean)),
            step_milliseconds: milliseconds(&|round| round.seconds),
            step_cpu_milliseconds: milliseconds(&|round| round.cpu_seconds),
            step_device_milliseconds: if on_device { device() } else { None },
            calibrated: median(&each(processes, calibrated)),
            rounds: rounds.len(),
            noisy_rounds: rounds.iter().filter(|round| round.noisy).count(),
            steady_processes: processes.iter().filter(|process| process.steady).count(),
        }
    }
}

/// Returns the samples trained on per second in each process of a measurement: the median over its rounds.
pub fn process_speeds(measurement: &Measurement) -> Vec<f64> {
    each(&measurement.processes, |process| over(process, |round| round.samples as f64 / round.seconds))
}

fn each(processes: &[Process], value: impl Fn(&Process) -> Option<f64>) -> Vec<f64> {
    processes.iter().filter_map(value).collect()
}

/// The median over a process's rounds.
fn over(process: &Process, value: impl Fn(&Round) -> f64) -> Option<f64> {
    median(&process.rounds.iter().map(value).collect::<Vec<_>>())
}

/// The fastest step of a process in units of the fastest run of the calibration kernel.
fn calibrated(process: &Process) -> Option<f64> {
    let least = |value: fn(&Round) -> f64| location(&process.rounds.iter().map(value).collect::<Vec<_>>());
    Some(least(Round::fastest_step)? / least(Round::fastest_calibration)?)
}
