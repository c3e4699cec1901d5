//! The machine and software a record was made on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::suite::Numerics;

/// The machine and software a record was made on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The machine.
    pub host: Host,
    /// libtorch and what computes.
    pub engine: Engine,
    /// What else the machine was doing.
    pub load: Load,
}

/// The machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// The processor's brand, as it gives it.
    pub cpu: String,
    /// Family, model and stepping, which tell apart processors of one brand.
    pub cpu_model: String,
    /// Cores that may be used.
    pub cores: u32,
    /// In bytes.
    pub memory: u64,
    /// Distribution and version.
    pub os: String,
    /// Kernel release.
    pub kernel: String,
}

/// libtorch and what computes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Engine {
    /// tchbench's own version.
    pub tchbench: String,
    /// libtorch's version.
    pub libtorch: String,
    /// The tch crate's version.
    pub tch: String,
    /// The compiler's version.
    pub rustc: String,
    /// `cpu`, or the CUDA device's name.
    pub device: String,
    /// The CUDA driver's version.
    pub driver: Option<String>,
    /// The CUDA and cuDNN versions that libtorch uses.
    pub cuda: Option<String>,
    /// Intra-op threads a trial.
    pub threads: u32,
    /// The numerics mode.
    pub numerics: Numerics,
    /// The instruction set libtorch's own kernels use (`AVX512`, `AVX2`, `DEFAULT`).
    pub capability: String,
    /// Which machines give the same bits: the digest of all of `kernels`.
    pub numerics_class: String,
    /// The digest of each small kernel's output.
    pub kernels: BTreeMap<String, String>,
}

/// What else the machine was doing when the record was begun and ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// The load average over one minute, at the start.
    pub load_average: f64,
    /// Fraction of CPU time taken by other virtual machines while the trial ran; none where the
    /// system does not tell.
    pub steal: Option<f64>,
}
