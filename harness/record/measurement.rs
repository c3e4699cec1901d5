//! What a measurement of throughput left: every raw sample, never only their mean.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::format::Format;
use crate::event::Slice;
use crate::recipe::{Environment, Trial};

/// The throughput of one case, measured apart from training:
/// `results/<run>/throughput/<suite>/<case>/<attempt>.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    /// The version of this file.
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Fresh processes of each case.
    pub processes: u32,
    /// How many rounds are timed in each.
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
    /// The rounds that it timed.
    pub rounds: Vec<Round>,
}

/// A few training steps, timed together. Times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// The number of training steps.
    pub steps: u32,
    /// The number of samples that were trained on.
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
    /// Fraction of all CPU time taken by other virtual machines; `None` where the system does not tell.
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

impl Round {
    /// Returns the time of a step in the fastest slice, in seconds. On a shared machine others come and go within
    /// milliseconds, and what they do to a core's caches and clock only ever lengthens a slice.
    pub fn fastest_step(&self) -> f64 {
        fastest(self.slices.iter().map(|slice| slice.seconds / f64::from(slice.steps)))
    }

    /// Returns the shortest time of the calibration kernel, in seconds.
    pub fn fastest_calibration(&self) -> f64 {
        fastest(self.slices.iter().map(|slice| slice.calibration))
    }

    /// Returns the wall time of the steps, in seconds. Of a process that computes on one thread of the host, the
    /// time for which that was ready and had no core is taken off: it is another's. Of several
    /// threads, or of a device, it is not known how much that lengthened the steps.
    pub fn own_seconds(&self, environment: &Environment) -> f64 {
        if environment.is_one_thread() {
            // The two clocks are not read at one moment.
            (self.seconds - self.wait_seconds).max(self.cpu_seconds.min(self.seconds))
        } else {
            self.seconds
        }
    }
}

fn fastest(times: impl Iterator<Item = f64>) -> f64 {
    times.fold(f64::INFINITY, f64::min)
}
