//! The resolved experiment: every default written out, nothing left to decide.
//!
//! These types are what a worker is handed, what a record keeps and what identity hashes.

use serde::{Deserialize, Serialize};

use super::convention::Convention;
use super::data_plan::DataPlan;
use super::layers::{Layer, LayerKind};
use super::training::Training;

/// All that decides a trial's bits, but for its seed and its environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Which samples, and what is done to them.
    pub data: DataPlan,
    /// Initial values, bias vectors and GRU form (see docs/suites.md).
    pub convention: Convention,
    /// The network, from input to logits.
    pub layers: Vec<Layer>,
    /// How it is trained.
    pub training: Training,
}

impl Experiment {
    /// Whether an L2 penalty is a part of the loss.
    pub fn has_penalty(&self) -> bool {
        self.layers.iter().any(|layer| layer.l2() > 0.0)
    }
}
