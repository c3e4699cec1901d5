//! The resolved suite: its cases with every default written out.
//!
//! The suite file's own, more forgiving form is read elsewhere and turned into these types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gate::Gate;
use super::presentation::Presentation;
use crate::metrics::Metric;
use crate::recipe::{Experiment, Name, Numerics};

/// A file of cases, resolved under one profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// The suite's name: `[a-z0-9][a-z0-9._-]*`.
    pub name: Name,
    /// For people; may be empty.
    pub description: String,
    /// What its authors say about claims that are not met; may be empty.
    pub analysis: String,
    /// The profile it was resolved under; none for the file as it stands.
    pub profile: Option<String>,
    /// The numerics mode it asks for.
    pub numerics: Numerics,
    /// In the file's order.
    pub cases: Vec<Case>,
    /// What is held against the baseline besides accuracy and loss; may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// SHA-256 of the content of each dataset that its cases use, by the names of the dataset and of the array; a run
    /// holds that of all its suites.
    #[serde(skip)]
    pub datasets: BTreeMap<String, BTreeMap<String, String>>,
    /// The names of the classes of each of these datasets that has names; a run holds them, too.
    #[serde(skip)]
    pub class_names: BTreeMap<String, Vec<String>>,
    /// How its results are shown; no record holds it.
    #[serde(skip)]
    pub presentation: Presentation,
}

impl Suite {
    /// Returns the name and the digests of each dataset that its cases use.
    pub fn used_datasets(&self) -> impl Iterator<Item = (String, BTreeMap<String, String>)> {
        let is_used = |name: &str| self.cases.iter().any(|case| case.experiment.data.dataset == name);
        let used = self.datasets.iter().filter(move |(name, _)| is_used(name));
        used.map(|(name, digests)| (name.clone(), digests.clone()))
    }
}

/// One architecture under one recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Unique within the suite: `[a-z0-9][a-z0-9._-]*`.
    pub name: Name,
    /// For people; may be empty.
    pub description: String,
    /// All that decides bits, but for the seed and the environment.
    pub experiment: Experiment,
    /// One trial each, in this order, without repeats.
    pub seeds: Vec<u64>,
    /// The expected number of trainable parameters, verified before training.
    pub parameters: Option<u64>,
    /// Published figures that this case must meet.
    pub claims: Vec<Claim>,
}

/// A published figure that a case must meet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The value that the claim is about.
    pub metric: Metric,
    /// The value is at least this (accuracies are fractions in [0, 1]).
    pub at_least: Option<f64>,
    /// The value is at most this.
    pub at_most: Option<f64>,
    /// For train and validation metrics: the best value up to this epoch; without it, of all.
    pub by_epoch: Option<u32>,
    /// Who published it, and the figure.
    pub source: String,
}
