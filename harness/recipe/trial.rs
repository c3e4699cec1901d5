//! A trial, the environment that decides its bits, and its identity.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::data_plan::DataPlan;
use super::datasets::canonical_name;
use super::experiment::Experiment;
use super::name::Name;
use super::numerics::Numerics;
use crate::listing::Natural;

/// Raised whenever training semantics change, so that older records are no longer comparable.
pub const ENGINE_REVISION: u32 = 3;

/// Where and how a trial is computed, as far as it decides bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// CPU or a CUDA device.
    pub device: Device,
    /// The number of libtorch's intra-op threads.
    pub threads: u32,
    /// Fastest here, or the same on more machines.
    pub numerics: Numerics,
}

impl Environment {
    /// Returns the environment that computes the same: on CUDA with `native` numerics, because `portable` has kernels
    /// for the CPU alone and changes nothing there.
    pub fn canonical(self) -> Self {
        match self.device {
            Device::Cpu => self,
            Device::Cuda(_) => Environment { numerics: Numerics::Native, ..self },
        }
    }

    /// Returns the environment in which an experiment is computed where this one is asked for: with `native` numerics, too,
    /// if one of its layers is libtorch's.
    pub fn of(self, experiment: &Experiment) -> Self {
        if experiment.is_of_libtorch() {
            Environment { numerics: Numerics::Native, ..self }
        } else {
            self.canonical()
        }
    }

    /// Returns whether the planned step computes here, and not libtorch.
    pub fn is_planned(&self) -> bool {
        self.device == Device::Cpu && self.numerics == Numerics::Portable
    }

    /// Returns whether a process computes on one thread of the host and nowhere else.
    pub fn is_one_thread(&self) -> bool {
        self.device == Device::Cpu && self.threads == 1
    }

    /// Returns the thread count, where it decides bits: where native kernels compute on a CPU.
    pub fn deciding_threads(&self) -> Option<u32> {
        (self.device == Device::Cpu && self.numerics == Numerics::Native).then_some(self.threads)
    }
}

/// A device, resolved (`auto` is decided before a trial is planned).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Device {
    /// The processor of the host.
    Cpu,
    /// A CUDA device by index.
    Cuda(u32),
}

impl Device {
    /// Returns `cpu` or `cuda`, whatever the index.
    pub fn kind(&self) -> &'static str {
        match self {
            Device::Cpu => "cpu",
            Device::Cuda(_) => "cuda",
        }
    }
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Device::Cpu => write!(f, "cpu"),
            Device::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

/// A case with one seed: the unit of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    /// The name of the suite.
    pub suite: Name,
    /// The name of the case.
    pub case: Name,
    /// The seed of all its streams.
    pub seed: u64,
    /// The digest of all that decides its bits, from [`identity`].
    pub identity: String,
    /// The experiment that is trained.
    pub experiment: Experiment,
    /// The expected number of trainable parameters.
    pub parameters: Option<u64>,
    /// SHA-256 of the dataset's uncompressed files, by file name.
    pub dataset: BTreeMap<String, String>,
    /// Where and how it is computed.
    pub environment: Environment,
    /// [`ENGINE_REVISION`] of the program that planned it.
    pub engine_revision: u32,
}

impl Trial {
    /// Returns its name: `suite/case/seed`.
    pub fn name(&self) -> String {
        format!("{}/{}/{}", self.suite, self.case, self.seed)
    }

    /// Returns what trials are sorted by in lists.
    pub fn order(&self) -> (Natural<'_>, Natural<'_>, u64) {
        (Natural(&self.suite), Natural(&self.case), self.seed)
    }
}

/// Returns the SHA-256, in hexadecimal, of all that decides a trial's bits: the resolved experiment, the seed, the
/// dataset's digests (by which it is known: in the place of its name stands that of the dataset of this content that is
/// part of the program, if there is one), the numerics mode, the kind of device (with the thread count, where native kernels compute on a
/// CPU) and [`ENGINE_REVISION`], as canonical JSON (sorted keys, shortest floats). The environment that counts is that
/// [of](Environment::of) the experiment.
pub fn identity(
    experiment: &Experiment,
    seed: u64,
    dataset: &BTreeMap<String, String>,
    environment: &Environment,
) -> String {
    let environment = environment.of(experiment);
    let experiment = hashed(experiment, dataset);
    // `serde_json::Value` keeps its keys sorted and prints the shortest float that reads back.
    let whole = serde_json::json!({
        "dataset": dataset,
        "device": environment.device.kind(),
        "engine_revision": ENGINE_REVISION,
        "experiment": experiment,
        "numerics": environment.numerics,
        "seed": seed,
        "threads": environment.deciding_threads(),
    });
    hex(&Sha256::digest(whole.to_string()))
}

/// Returns an experiment as identities hold it: with the canonical name of the dataset that has these digests.
pub fn hashed(experiment: &Experiment, dataset: &BTreeMap<String, String>) -> Experiment {
    let name = canonical_name(&experiment.data.dataset, dataset).to_owned();
    let data = DataPlan { dataset: name, ..experiment.data.clone() };
    Experiment { data, ..experiment.clone() }
}

/// Returns the bytes in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
