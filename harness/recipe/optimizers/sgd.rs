//! `sgd`: stochastic gradient descent, with momentum or without.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::OptimizerKind;
use crate::reader::{TomlTable, Within, flag, number};
use crate::recipe::convention::Convention;
use crate::valid::{Valid, fraction};

/// Stochastic gradient descent, with momentum or without.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sgd {
    /// The learning rate, above 0.
    pub lr: f64,
    /// The momentum, from 0 (for none) to below 1.
    pub momentum: f64,
    /// Nesterov's form of the momentum.
    pub nesterov: bool,
}

impl OptimizerKind for Sgd {
    const WORD: &'static str = "sgd";

    fn read(table: &mut TomlTable<'_>, _: Convention) -> Option<Self> {
        let lr = table.required("lr", number(Within::Positive));
        let momentum = table.or("momentum", 0.0, number(Within::BelowOne));
        let nesterov = table.or("nesterov", false, flag);
        let rule = Sgd { lr: lr?, momentum: momentum?, nesterov: nesterov? };
        if rule.nesterov && rule.momentum == 0.0 {
            return table.report("nesterov wants a momentum above 0");
        }
        Some(rule)
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn slots(&self) -> &'static [&'static str] {
        if self.momentum == 0.0 { &[] } else { &["momentum"] }
    }

    fn validate(&self) -> Valid {
        fraction("momentum", self.momentum)
    }
}
