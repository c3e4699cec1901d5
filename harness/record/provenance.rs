//! What results were made by, and from which commits.

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use crate::event::{Commit, Program};

/// What may change from one night to the next on one machine, besides results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// Of the user's own repository; `None` if it is not known.
    pub commit: Option<Commit>,
    /// The program that computed; `None` if it did not say.
    pub program: Option<Program>,
    /// The version of `tchbench`.
    pub tchbench: String,
    /// The version of libtorch.
    pub libtorch: String,
    /// The version of the Rust compiler.
    pub rustc: String,
    /// The CUDA driver's version; `None` on the CPU.
    pub driver: Option<String>,
    /// The CUDA and cuDNN versions that libtorch uses; `None` on the CPU.
    pub cuda: Option<String>,
    /// The processor's brand, family, model and stepping.
    pub processor: String,
    /// The distribution and its version.
    pub os: String,
    /// The release of its kernel.
    pub kernel: String,
}

impl From<&Fingerprint> for Provenance {
    fn from(Fingerprint { host, engine, commit, .. }: &Fingerprint) -> Self {
        Provenance {
            commit: commit.clone(),
            program: engine.program.clone(),
            tchbench: engine.tchbench.clone(),
            libtorch: engine.libtorch.clone(),
            rustc: engine.rustc.clone(),
            driver: engine.driver.clone(),
            cuda: engine.cuda.clone(),
            processor: format!("{}, {}", host.cpu, host.cpu_model),
            os: host.os.clone(),
            kernel: host.kernel.clone(),
        }
    }
}
