//! The resolved experiment: every default written out, nothing left to decide.
//!
//! These types are what a worker is handed, what a record keeps and what identity hashes.

use std::collections::BTreeSet;

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
    /// Whose initial values, bias vectors, constants and forms of optimizers (see docs/suites.md).
    pub convention: Convention,
    /// The network, from input to logits.
    pub layers: Vec<Layer>,
    /// How it is trained.
    pub training: Training,
}

/// The probe's kernels that compute in every training.
const COMMON_KERNELS: [&str; 5] = ["add-mul", "cross-entropy", "index-select", "sum", "sum-columns"];

impl Experiment {
    /// Returns the names of the probe's kernels that compute its trials: they decide its numerics class.
    pub fn kernels(&self) -> BTreeSet<&'static str> {
        let of_layers = self.layers.iter().flat_map(Layer::kernels);
        COMMON_KERNELS.into_iter().chain(of_layers).chain(self.training.optimizer.kernels()).collect()
    }

    /// Returns whether an L2 penalty is a part of the loss.
    pub fn has_penalty(&self) -> bool {
        self.layers.iter().any(|layer| layer.l2() > 0.0)
    }
}
