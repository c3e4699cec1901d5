//! What a worker says while it trains: one JSON object a line.

mod counts;
mod insight;
mod program;

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use counts::Counts;
pub use insight::{Insight, Part, View};
pub use program::{Commit, Program};

use crate::recipe::transform::Transform;
use crate::recipe::{Experiment, Numerics, hex};

/// A line of a worker's output, and of a trial's `.jsonl` file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// What computes; the answer to a request to describe it.
    Described(Engine),
    /// One batch went forward and backward; the answer to a request to check a trial.
    Checked {
        /// The mean loss of that batch.
        #[serde(deserialize_with = "nan_from_null")]
        loss: f64,
    },
    /// The model is built, its parameters counted, the data on the device.
    Started(Started),
    /// Somewhere within an epoch; a few a second, shown and never recorded.
    Step {
        /// The number of the epoch, from 1.
        epoch: u32,
        /// Steps done in this epoch.
        step: u32,
        /// Steps in an epoch.
        steps: u32,
    },
    /// An epoch is done. A trial that goes on from a checkpoint tells its earlier epochs again.
    Epoch(Epoch),
    /// Asked to stop, the worker ends after this epoch, with a checkpoint to go on from.
    Stopped {
        /// The last epoch that is done; 0 for none.
        epoch: u32,
    },
    /// The trial is done.
    Finished(Finished),
    /// Some training steps are timed; the answer to a request for a round.
    Round(Timing),
    /// The score on the test samples as they are; the first answer to a request for robustness.
    Tested(Score),
    /// The scores on changed test samples; one for each transform asked for.
    Transformed(Transformed),
    /// A row of what a network shows; the answer to a request to inspect it.
    Insight(Insight),
    /// The worker has not begun, because the trial's checkpoint cannot be believed; the error is for people.
    Refused {
        /// Which file, and what is wrong with it.
        error: String,
    },
    /// The worker gives up; the error is for people.
    Failed {
        /// What went wrong and what to do.
        error: String,
        /// Whether the device or the host ran out of memory.
        out_of_memory: bool,
    },
}

/// libtorch and what computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Engine {
    /// The version of this program.
    pub tchbench: String,
    /// The version of libtorch.
    pub libtorch: String,
    /// The tch crate's version.
    pub tch: String,
    /// The version of the Rust compiler.
    pub rustc: String,
    /// `cpu`, or the CUDA device's name.
    pub device: String,
    /// The CUDA driver's version.
    pub driver: Option<String>,
    /// The CUDA and cuDNN versions that libtorch uses.
    pub cuda: Option<String>,
    /// Intra-op threads a trial.
    pub threads: u32,
    /// The numerics mode that it computes in.
    pub numerics: Numerics,
    /// The instruction set libtorch's own kernels use (`AVX512`, `AVX2`, `DEFAULT`).
    pub capability: String,
    /// Which machines give the same bits: the digest of all kernels of the numerics mode.
    pub numerics_class: String,
    /// The digest of each small kernel's output.
    pub kernels: BTreeMap<String, String>,
    /// The program itself, which decides no bit by its name; not before format 1.6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Program>,
}

impl Engine {
    /// Returns the numerics class of trials of `experiment`: the digest of those kernels alone that compute them. So a
    /// kernel that the probe gains for another network leaves it as it is. Returns the class of the whole engine if the
    /// engine does not tell all of these kernels.
    pub fn class_of(&self, experiment: &Experiment) -> String {
        let line = |name: String| Some(format!("{name}={}\n", self.kernels.get(&name)?));
        let told: Option<String> = experiment.kernels(self.numerics).into_iter().map(line).collect();
        let Some(lines) = told else { return self.numerics_class.clone() };
        let mut class = hex(&Sha256::digest(lines));
        class.truncate(16);
        class
    }

    /// Returns whether it tells the digest of every kernel that computes trials of `experiment`.
    pub fn tells_kernels_of(&self, experiment: &Experiment) -> bool {
        experiment.kernels(self.numerics).iter().all(|name| self.kernels.contains_key(name))
    }
}

/// What is known before the first step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Started {
    /// The number of trainable parameters.
    pub parameters: u64,
    /// Samples an epoch trains on (appended copies included).
    pub train_samples: u32,
    /// The number of validation samples, 0 for none.
    pub validation_samples: u32,
    /// The number of test samples, 0 for none.
    pub test_samples: u32,
    /// Steps in an epoch.
    pub steps: u32,
    /// At most so many epochs.
    pub epochs: u32,
    /// The epoch of the checkpoint it goes on from; 0 from the start.
    pub resumed_from: u32,
}

/// Mean loss and fraction right over a set of samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// Mean softmax cross-entropy in nats, plus any L2 penalty; not finite where training diverged
    /// (`null` in JSON).
    #[serde(deserialize_with = "nan_from_null")]
    #[schemars(schema_with = "number_or_null")]
    pub loss: f64,
    /// The fraction of samples that are classified right.
    pub accuracy: f64,
}

impl Score {
    /// Returns whether the loss is a finite number; training has diverged where it is not.
    pub fn is_finite(&self) -> bool {
        self.loss.is_finite()
    }

    /// Returns whether it is the same, though a loss may be no number.
    pub fn is_same(&self, other: &Score) -> bool {
        let is_same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
        is_same(self.loss, other.loss) && is_same(self.accuracy, other.accuracy)
    }
}

/// The scores on the test samples under one transform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transformed {
    /// What was done to each image.
    pub transform: Transform,
    /// One for each of the transform's directions, in their order; one where it changes nothing.
    pub scores: Vec<Score>,
}

impl Transformed {
    /// Returns the score over all directions, which weigh the same.
    pub fn pooled(&self) -> Score {
        let count = self.scores.len() as f64;
        let mean = |value: fn(&Score) -> f64| self.scores.iter().map(value).sum::<f64>() / count;
        Score { loss: mean(|score| score.loss), accuracy: mean(|score| score.accuracy) }
    }
}

fn nan_from_null<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

fn number_or_null(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["number", "null"] })
}

/// One epoch of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Epoch {
    /// The number of the epoch, from 1.
    pub epoch: u32,
    /// Over the epoch's samples, each as it was trained on.
    pub train: Score,
    /// Over the validation samples, after the epoch.
    pub validation: Option<Score>,
    /// At the epoch's last step.
    pub learning_rate: f64,
    /// The number of samples that were trained on.
    pub samples: u64,
    /// Wall time of the training steps, in seconds.
    pub train_seconds: f64,
    /// CPU time of the process over the training steps, in seconds.
    pub train_cpu_seconds: f64,
    /// Wall time of the validation, in seconds.
    pub validation_seconds: f64,
    /// Wall time of the digests and the checkpoint after the epoch, in seconds.
    #[serde(default)]
    pub checkpoint_seconds: f64,
    /// SHA-256 over all of `tensors` in full, chained to the epoch before: the trajectory so far.
    pub trajectory: String,
    /// The first 16 digits of the SHA-256 of each weight, buffer and optimizer state after the
    /// epoch, by name (`1.weight`, `1.weight/square`), to find where two trajectories part.
    pub tensors: BTreeMap<String, String>,
}

impl Epoch {
    /// Returns whether the losses of training and validation are finite numbers; training has diverged where one is
    /// not.
    pub fn is_finite(&self) -> bool {
        self.train.is_finite() && self.validation.is_none_or(|score| score.is_finite())
    }

    /// Returns the training throughput of this epoch, in samples a second.
    pub fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.train_seconds
    }
}

/// A round that a worker is asked to time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Training steps, at least 1.
    pub steps: u32,
    /// Busy work after each of them, in seconds on a core left alone; 0 but for calibration.
    pub busy_seconds: f64,
}

/// A few training steps, timed together. Times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
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
    /// How long the process's threads were ready to run and did not (Linux's run-queue delay).
    pub wait_seconds: f64,
    /// The same steps in short slices.
    pub slices: Vec<Slice>,
}

/// A few steps between two runs of the calibration kernel; in JSON an array of its fields.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "(u32, f64, f64)", into = "(u32, f64, f64)")]
pub struct Slice {
    /// The number of training steps.
    pub steps: u32,
    /// Wall time of the steps.
    pub seconds: f64,
    /// The calibration kernel: the longer of its times just before and just after the steps.
    pub calibration: f64,
}

impl From<(u32, f64, f64)> for Slice {
    fn from((steps, seconds, calibration): (u32, f64, f64)) -> Self {
        Slice { steps, seconds, calibration }
    }
}

impl From<Slice> for (u32, f64, f64) {
    fn from(slice: Slice) -> Self {
        (slice.steps, slice.seconds, slice.calibration)
    }
}

/// The ways in which training ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// After all its epochs.
    Completed,
    /// Early, by the rule of the case.
    StoppedEarly,
    /// With a loss of training, validation or test that is not finite, or such weights.
    Diverged,
}

/// What a finished trial yields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finished {
    /// The way in which training ended.
    pub ending: Ending,
    /// The epoch with the best monitored value (validation loss where nothing else is said; train
    /// loss where nothing is held out).
    pub best_epoch: Option<u32>,
    /// Whether the weights tested are the best epoch's rather than the last's.
    pub restored_best: bool,
    /// Over the test samples, at the end; `None` where there are none, or training had diverged before.
    pub test: Option<Score>,
    /// How the test samples were classified; `None` if there is no finite score of them, or in a record of a version
    /// that did not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// SHA-256 of the weights and buffers that were tested.
    pub weights: String,
    /// From the worker's start to the first step, in seconds.
    pub setup_seconds: f64,
    /// All epochs' training steps, in seconds.
    pub train_seconds: f64,
    /// The final test, in seconds.
    pub test_seconds: f64,
    /// From the worker's start, in seconds.
    pub wall_seconds: f64,
    /// CPU time of the whole worker, in seconds.
    pub cpu_seconds: f64,
    /// Peak resident memory of the worker, in bytes.
    pub peak_memory: u64,
    /// Peak allocated memory of the device, in bytes; none on the CPU.
    pub device_peak_memory: Option<u64>,
}
