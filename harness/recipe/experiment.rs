//! The resolved experiment: every default written out, nothing left to decide.
//!
//! These types are what a worker is handed, what a record keeps and what identity hashes.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::convention::Convention;
use super::data_plan::DataPlan;
use super::layers::{Layer, LayerKind};
use super::numerics::Numerics;
use super::training::Training;

/// All that decides a trial's bits, but for its seed and its environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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

/// The probe's kernels of which all training on libtorch is made; the planned step has none of them.
const ELEMENTARY: [&str; 4] = ["add-mul", "index-select", "sum", "sum-columns"];

/// Returns the name of one of the probe's kernels where libtorch computes it.
pub fn kernel_of_libtorch(name: &str) -> String {
    format!("libtorch-{name}")
}

impl Experiment {
    /// Returns the names of the probe's kernels that compute its trials: they decide its numerics class. With `numerics`
    /// portable they are those of the planned step, unless a layer is libtorch's.
    pub fn kernels(&self, numerics: Numerics) -> BTreeSet<String> {
        let of_layers = self.layers.iter().flat_map(Layer::kernels);
        let own = of_layers.chain(self.training.optimizer.kernels()).chain(["cross-entropy"]);
        if numerics == Numerics::Portable && !self.is_of_libtorch() {
            own.filter(|name| !ELEMENTARY.contains(name)).map(str::to_owned).collect()
        } else {
            own.chain(ELEMENTARY).map(kernel_of_libtorch).collect()
        }
    }

    /// Returns whether one of its layers asks for libtorch's operations.
    pub fn is_of_libtorch(&self) -> bool {
        self.layers.iter().any(Layer::is_of_libtorch)
    }

    /// Returns whether an L2 penalty is a part of the loss.
    pub fn has_penalty(&self) -> bool {
        self.layers.iter().any(|layer| layer.l2() > 0.0)
    }
}
