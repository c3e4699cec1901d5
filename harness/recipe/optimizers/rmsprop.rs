//! `rmsprop` (Tieleman and Hinton 2012).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::OptimizerKind;
use crate::reader::{TomlTable, Within, number};
use crate::recipe::convention::Convention;
use crate::valid::{Valid, fraction, positive};

/// RMSprop (Tieleman and Hinton 2012).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rmsprop {
    /// The learning rate, above 0.
    pub lr: f64,
    /// Decay of the squared gradient.
    pub alpha: f64,
    /// Added to its root in PyTorch, within the root elsewhere.
    pub eps: f64,
}

impl OptimizerKind for Rmsprop {
    const WORD: &'static str = "rmsprop";

    /// PyTorch's alpha is 0.99 and its eps 1e-8; Keras's are 0.9 and 1e-7.
    fn read(table: &mut TomlTable<'_>, convention: Convention) -> Option<Self> {
        let (alpha, eps) = match convention {
            Convention::Torch => (0.99, 1e-8),
            Convention::Keras | Convention::Tf1 => (0.9, 1e-7),
        };
        let lr = table.required("lr", number(Within::Positive));
        let alpha = table.or("alpha", alpha, number(Within::BelowOne));
        let eps = table.or("eps", eps, number(Within::Positive));
        Some(Rmsprop { lr: lr?, alpha: alpha?, eps: eps? })
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn slots(&self) -> &'static [&'static str] {
        &["square"]
    }

    fn validate(&self) -> Valid {
        fraction("alpha", self.alpha)?;
        positive("eps", self.eps)
    }
}
