//! The machine and software a record was made on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::event::{Commit, Engine};
use crate::recipe::hex;

/// The machine and software a record was made on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fingerprint {
    /// The machine that it ran on.
    pub host: Host,
    /// libtorch and what computes.
    pub engine: Engine,
    /// What else the machine was doing.
    pub load: Load,
    /// Of the user's own repository: the one that was named, or the one in which the suite lies. Not before format 1.6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
}

impl Fingerprint {
    /// Returns what tells hardware apart: the first 12 digits of the SHA-256 of the processor, its cores and the device. An
    /// update of kernel, driver, libtorch or of this program leaves it as it is.
    pub fn machine(&self) -> String {
        let Host { cpu, cpu_model, cores, .. } = &self.host;
        let device = &self.engine.device;
        let mut digits = hex(&Sha256::digest(format!("{cpu}\0{cpu_model}\0{cores}\0{device}")));
        digits.truncate(12);
        digits
    }

    /// Returns the SHA-256, in hexadecimal, of machine and software, whatever the load, and of whatever commit.
    pub fn digest(&self) -> String {
        let engine = Engine { program: None, ..self.engine.clone() };
        let whole = serde_json::json!({"host": self.host, "engine": engine});
        hex(&Sha256::digest(whole.to_string()))
    }
}

/// A machine and its operating system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// The processor's brand, as it gives it.
    pub cpu: String,
    /// Family, model and stepping, which tell apart processors of one brand.
    pub cpu_model: String,
    /// Cores that may be used.
    pub cores: u32,
    /// The size of its memory in bytes.
    pub memory: u64,
    /// The distribution and its version.
    pub os: String,
    /// The release of its kernel.
    pub kernel: String,
}

/// What else the machine was doing when the record was begun and ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Load {
    /// The load average over one minute, at the start.
    pub load_average: f64,
    /// Fraction of CPU time taken by other virtual machines while the trial ran; `None` where the
    /// system does not tell.
    pub steal: Option<f64>,
}
