//! What a measurement of throughput left: every raw sample, never only their mean.

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::format::Format;
use crate::event::Slice;
use crate::suite::{Environment, Trial};

/// The throughput of one case, measured apart from training:
/// `results/<run>/throughput/<suite>/<case>/<attempt>.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// Of this file.
    pub format: Format,
    /// What was measured: the case with its first seed, and its identity.
    pub trial: Trial,
    /// From 1; a later one repeats the measurement, to confirm what it showed.
    pub attempt: u32,
    /// Busy work put in after every step, as a fraction of a step: 0 but for calibration.
    pub slowdown: f64,
    /// How it was measured.
    pub method: Method,
    /// Fresh processes, one after the other: the unit of replication.
    pub processes: Vec<Process>,
    /// The machine and software.
    pub fingerprint: Fingerprint,
    /// When it began, in UTC.
    pub began: jiff::Timestamp,
}

/// What a measurement was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Fresh processes of each case.
    pub processes: u32,
    /// Timed rounds in each.
    pub rounds: u32,
    /// What a round should last, in seconds; the number of steps follows from it.
    pub round_seconds: f64,
    /// The order of the cases within a round is drawn from it.
    pub seed: u64,
}

/// One fresh process of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Untimed rounds before it was steady.
    pub warmup: Vec<Round>,
    /// Whether it grew steady before warming up was given up.
    pub steady: bool,
    /// The timed rounds.
    pub rounds: Vec<Round>,
}

/// A few training steps, timed together. Times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// Training steps.
    pub steps: u32,
    /// Samples trained on.
    pub samples: u64,
    /// Wall time of the steps, until the device is done.
    pub seconds: f64,
    /// CPU time of the process over the steps.
    pub cpu_seconds: f64,
    /// Between two events on the device around the steps; none on the CPU.
    pub device_seconds: Option<f64>,
    /// How long the process was ready to run and did not (Linux's run-queue delay).
    pub wait_seconds: f64,
    /// The same steps in short slices, each between two runs of the calibration kernel.
    pub slices: Vec<Slice>,
    /// Fraction of all CPU time taken by other virtual machines; none where the system does not tell.
    pub steal: Option<f64>,
    /// Cores that other processes used meanwhile.
    pub foreign: f64,
    /// The load average over one minute.
    pub load_average: f64,
    /// Whether a processor reported that it slowed itself down for its temperature.
    pub throttled: bool,
    /// Whether any of these says that the machine was not left alone.
    pub noisy: bool,
}

/// A calibration kernel that takes longer than its shortest times by more than this factor was not
/// left alone.
const QUIET: f64 = 1.05;
/// So much of the kernel's times are the shortest; it is no single one, which may be a freak.
const SHORTEST: f64 = 0.02;

/// What a round says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoundTime {
    /// A step, in seconds.
    pub step: f64,
    /// The calibration kernel, in seconds.
    pub calibration: f64,
    /// Whether any slice was left alone. Where none was, the step is that of the whole round.
    pub quiet: bool,
}

impl Measurement {
    /// What each round of each process says, from the slices in which the machine was left to it. Those
    /// are known by the calibration kernel, which then is as fast as it gets: on a shared machine, others
    /// come and go within milliseconds.
    pub fn times(&self) -> Vec<Vec<RoundTime>> {
        let rounds = || self.processes.iter().flat_map(|process| &process.rounds);
        let most = quiet_below(rounds());
        let environment = &self.trial.environment;
        let process =
            |process: &Process| process.rounds.iter().map(|round| round.time(most, environment)).collect();
        self.processes.iter().map(process).collect()
    }
}

/// The longest time of the calibration kernel in a slice that counts as left alone.
pub fn quiet_below<'a>(rounds: impl Iterator<Item = &'a Round>) -> f64 {
    let mut all: Vec<f64> = rounds.flat_map(|round| &round.slices).map(|slice| slice.calibration).collect();
    all.sort_by(f64::total_cmp);
    all.get((all.len() as f64 * SHORTEST) as usize).map_or(0.0, |shortest| shortest * QUIET)
}

impl Round {
    /// The slices in which the calibration kernel took no longer than this.
    pub fn quiet(&self, most: f64) -> impl Iterator<Item = &Slice> {
        self.slices.iter().filter(move |slice| slice.calibration <= most)
    }

    fn time(&self, most: f64, environment: &Environment) -> RoundTime {
        let step = middle(self.quiet(most).map(|slice| slice.seconds / f64::from(slice.steps)));
        let calibration = middle(self.quiet(most).map(|slice| slice.calibration));
        let all = || middle(self.slices.iter().map(|slice| slice.calibration)).unwrap_or(0.0);
        RoundTime {
            step: step.unwrap_or_else(|| self.own_seconds(environment) / f64::from(self.steps)),
            calibration: calibration.unwrap_or_else(all),
            quiet: step.is_some() && !self.throttled,
        }
    }

    /// Wall time of the steps, in seconds. Of a process that computes on one thread of the host, the
    /// time for which that was ready and had no core is taken off: it is another's. Of several
    /// threads, or of a device, it is not known how much that lengthened the steps.
    pub fn own_seconds(&self, environment: &Environment) -> f64 {
        match environment.is_one_thread() {
            // The two clocks are not read at one moment.
            true => (self.seconds - self.wait_seconds).max(self.cpu_seconds.min(self.seconds)),
            false => self.seconds,
        }
    }
}

/// The lower of the middle values.
fn middle(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}
