//! What a run set out to do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fingerprint::Fingerprint;
use super::format::Format;
use crate::recipe::{Environment, Name, Trial, hex};
use crate::suite::case::Suite;

/// `run.json`: the plan, the machine and the invocation. Written before the first trial starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The version of this file.
    pub format: Format,
    /// The name of the run's folder.
    pub name: Name,
    /// When it began, in UTC.
    pub began: jiff::Timestamp,
    /// The command line that began it.
    pub invocation: Vec<String>,
    /// Where and how its trials are computed.
    pub environment: Environment,
    /// Of the program that planned it; 0 where format 1.0 did not say, which none can go on with.
    #[serde(default)]
    pub engine_revision: u32,
    /// SHA-256 of every dataset's uncompressed files, by its name and theirs.
    #[serde(default)]
    pub datasets: BTreeMap<String, BTreeMap<String, String>>,
    /// The names of the classes of every dataset that has names; not before format 1.4.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub class_names: BTreeMap<String, Vec<String>>,
    /// So many trials run side by side at most.
    pub jobs: u32,
    /// Whether trials' weights are kept beside their records; not before format 1.2.
    #[serde(default)]
    pub keep_weights: bool,
    /// The suites, resolved, with only the cases and seeds selected.
    pub suites: Vec<Suite>,
    /// Every trial, in the order planned.
    pub trials: Vec<TrialKey>,
    /// The digest of the plan, from [`Run::plan_digest`]; not before format 1.6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Which part of the plan is trained here; `None` if all of it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// The machine and software.
    pub fingerprint: Fingerprint,
}

/// One of the parts that a plan is split into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shard {
    /// The number of this part, from 1.
    pub index: u32,
    /// The number of parts.
    pub count: u32,
    /// The trials of this part, as ascending indices into those of the plan.
    pub trials: Vec<u32>,
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl Run {
    /// Returns all that runs of one plan have in common, as canonical JSON.
    pub fn plan_json(&self) -> serde_json::Value {
        serde_json::json!({
            "class_names": self.class_names,
            "datasets": self.datasets,
            "engine_revision": self.engine_revision,
            "environment": self.environment,
            "keep_weights": self.keep_weights,
            "suites": self.suites,
            "trials": self.trials,
        })
    }

    /// Returns the SHA-256, in hexadecimal, of all that runs of one plan have in common: suites, trials, datasets,
    /// environment and engine revision. Name, time, machine and shard are no part of it.
    pub fn plan_digest(&self) -> String {
        hex(&Sha256::digest(self.plan_json().to_string()))
    }
}

/// Which trial, and its identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialKey {
    /// The name of the suite.
    pub suite: Name,
    /// The name of the case.
    pub case: Name,
    /// The seed of the trial.
    pub seed: u64,
    /// The identity of the trial.
    pub identity: String,
}

impl From<&Trial> for TrialKey {
    fn from(trial: &Trial) -> Self {
        TrialKey {
            suite: trial.suite.clone(),
            case: trial.case.clone(),
            seed: trial.seed,
            identity: trial.identity.clone(),
        }
    }
}
