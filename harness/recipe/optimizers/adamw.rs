//! `adamw`: Adam with decoupled weight decay (Loshchilov and Hutter 2019).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::adam::Adam;
use super::kind::OptimizerKind;
use crate::reader::{TomlTable, Within, number};
use crate::recipe::convention::Convention;
use crate::valid::{Valid, not_negative};

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019): every weight is multiplied by 1 - lr * weight_decay
/// before Adam's step, and the moments know nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adamw {
    /// The learning rate, above 0.
    pub lr: f64,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub eps: f64,
    /// The weight decay, at least 0.
    pub weight_decay: f64,
}

impl Adamw {
    /// Returns the rule that moves the weights once they have decayed.
    pub fn adam(&self) -> Adam {
        let Adamw { lr, beta1, beta2, eps, .. } = *self;
        Adam { lr, beta1, beta2, eps }
    }
}

impl OptimizerKind for Adamw {
    const WORD: &'static str = "adamw";

    /// Adam's keys, and a weight decay, which is 0.01 in PyTorch and 0.004 in Keras.
    fn read(table: &mut TomlTable<'_>, convention: Convention) -> Option<Self> {
        let weight_decay = match convention {
            Convention::Torch => 0.01,
            Convention::Keras | Convention::Tf1 => 0.004,
        };
        let adam = Adam::read(table, convention);
        let weight_decay = table.or("weight_decay", weight_decay, number(Within::NotNegative));
        let Adam { lr, beta1, beta2, eps } = adam?;
        Some(Adamw { lr, beta1, beta2, eps, weight_decay: weight_decay? })
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn slots(&self) -> &'static [&'static str] {
        self.adam().slots()
    }

    fn validate(&self) -> Valid {
        self.adam().validate()?;
        not_negative("weight_decay", self.weight_decay)
    }
}
