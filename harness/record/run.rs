//! What a run set out to do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::format::Format;
use crate::recipe::{Environment, Name, Trial};
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
    /// The machine and software.
    pub fingerprint: Fingerprint,
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
