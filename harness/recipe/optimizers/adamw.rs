//! `adamw`: Adam with decoupled weight decay (Loshchilov and Hutter 2019).

use serde::{Deserialize, Serialize};

use super::kind::OptimizerKind;
use crate::reader::{Table, Within, number};
use crate::recipe::convention::Convention;
use crate::valid::{Valid, fraction, not_negative, positive};

/// Adam with decoupled weight decay (Loshchilov and Hutter 2019): every weight is multiplied by 1 - lr * weight_decay
/// before Adam's step, and the moments know nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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

impl OptimizerKind for Adamw {
    const WORD: &'static str = "adamw";

    /// PyTorch's eps is 1e-8 and its weight decay 0.01; Keras's are 1e-7 and 0.004.
    fn read(table: &mut Table<'_>, convention: Convention) -> Option<Self> {
        let (eps, weight_decay) = match convention {
            Convention::Torch => (1e-8, 0.01),
            Convention::Keras => (1e-7, 0.004),
        };
        let lr = table.required("lr", number(Within::Positive));
        let beta1 = table.or("beta1", 0.9, number(Within::BelowOne));
        let beta2 = table.or("beta2", 0.999, number(Within::BelowOne));
        let eps = table.or("eps", eps, number(Within::Positive));
        let weight_decay = table.or("weight_decay", weight_decay, number(Within::NotNegative));
        Some(Adamw { lr: lr?, beta1: beta1?, beta2: beta2?, eps: eps?, weight_decay: weight_decay? })
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
        positive("eps", self.eps)?;
        not_negative("weight_decay", self.weight_decay)
    }
}
