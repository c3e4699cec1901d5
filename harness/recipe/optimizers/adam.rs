//! `adam` (Kingma and Ba 2015).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::OptimizerKind;
use crate::reader::{TomlTable, Within, number};
use crate::recipe::convention::Convention;
use crate::valid::{Valid, fraction, positive};

/// Adam (Kingma and Ba 2015).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// The learning rate, above 0.
    pub lr: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment: of the corrected one in PyTorch, of the uncorrected one elsewhere.
    pub eps: f64,
}

impl OptimizerKind for Adam {
    const WORD: &'static str = "adam";

    /// PyTorch's eps and TensorFlow 1's is 1e-8, Keras's 1e-7.
    fn read(table: &mut TomlTable<'_>, convention: Convention) -> Option<Self> {
        let eps = match convention {
            Convention::Torch | Convention::Tf1 => 1e-8,
            Convention::Keras => 1e-7,
        };
        let lr = table.required("lr", number(Within::Positive));
        let beta1 = table.or("beta1", 0.9, number(Within::BelowOne));
        let beta2 = table.or("beta2", 0.999, number(Within::BelowOne));
        let eps = table.or("eps", eps, number(Within::Positive));
        Some(Adam { lr: lr?, beta1: beta1?, beta2: beta2?, eps: eps? })
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn slots(&self) -> &'static [&'static str] {
        &["mean", "square"]
    }

    fn validate(&self) -> Valid {
        fraction("beta1", self.beta1)?;
        fraction("beta2", self.beta2)?;
        positive("eps", self.eps)
    }
}
