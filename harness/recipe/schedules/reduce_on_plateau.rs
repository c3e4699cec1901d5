//! `reduce-on-plateau`: the rate falls when the validation loss no longer does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::ScheduleKind;
use crate::reader::{TomlTable, Within, count, number};
use crate::recipe::convention::Convention;
use crate::recipe::patience::Patience;
use crate::recipe::training::MOST_EPOCHS;
use crate::valid::{Valid, ensure, fraction, not_negative};

/// Times `factor` after `patience` epochs without a better validation loss, which is one below the best so far times
/// (1 - `threshold`) less `min_delta`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReduceOnPlateau {
    /// The factor, above 0 and below 1.
    pub factor: f64,
    /// The number of epochs to wait, at least 1.
    pub patience: u32,
    /// Not below this, which a suite must not set above the initial rate.
    pub min_lr: f64,
    /// By how much a better loss is lower, from 0 on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub min_delta: f64,
    /// By what fraction of the best loss a better one is lower, from 0 to below 1.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub threshold: f64,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

impl ScheduleKind for ReduceOnPlateau {
    const WORD: &'static str = "reduce-on-plateau";

    /// PyTorch's threshold is 1e-4, Keras's min_delta.
    fn read(table: &mut TomlTable<'_>, convention: Convention, lr: f64) -> Option<Self> {
        let (min_delta, threshold) = match convention {
            Convention::Torch => (0.0, 1e-4),
            Convention::Keras | Convention::Tf1 => (1e-4, 0.0),
        };
        let factor = table.required("factor", number(Within::Inside));
        let patience = table.required("patience", count(MOST_EPOCHS));
        let min_lr = table.or("min_lr", 0.0, |value| match number(Within::NotNegative)(value)? {
            min_lr if min_lr > lr => value.refuse(format!("the rate begins at {lr}; write at most that")),
            min_lr => Some(min_lr),
        });
        let min_delta = table.or("min_delta", min_delta, number(Within::NotNegative));
        let threshold = table.or("threshold", threshold, number(Within::BelowOne));
        Some(ReduceOnPlateau {
            factor: factor?,
            patience: patience?,
            min_lr: min_lr?,
            min_delta: min_delta?,
            threshold: threshold?,
        })
    }

    fn validate(&self) -> Valid {
        fraction("factor", self.factor)?;
        ensure(self.patience >= 1, "patience", "is 0, which is less than 1")?;
        not_negative("min_lr", self.min_lr)?;
        not_negative("min_delta", self.min_delta)?;
        fraction("threshold", self.threshold)
    }

    fn watches_validation(&self) -> bool {
        true
    }

    fn after_epoch(&self, lr: f64, watched: &mut Patience, validation_loss: f64) -> f64 {
        watched.observe_below(|best| best * (1.0 - self.threshold) - self.min_delta, validation_loss);
        if watched.waited < self.patience {
            return lr;
        }
        watched.waited = 0;
        (lr * self.factor).max(self.min_lr.min(lr))
    }
}
