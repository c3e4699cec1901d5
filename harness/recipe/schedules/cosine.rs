//! `cosine`: a rate that rises linearly and then falls along half a cosine (Loshchilov and Hutter 2017, without
//! restarts).

use std::f64::consts::PI;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{ScheduleKind, TrainingLength};
use crate::reader::{TomlTable, Within, number};
use crate::recipe::convention::Convention;
use crate::valid::{Valid, not_negative};

/// With W steps of warm-up in a training of T steps: lr * (step + 1) / W before step W, and from there on
/// min_lr + (lr - min_lr) * (1 + cos(pi * (step - W) / (T - W))) / 2, with the step counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cosine {
    /// Warm-up in epochs, which need not be whole; W is this many epochs' steps, rounded.
    pub warmup: f64,
    /// What the rate falls to, at most the initial rate.
    pub min_lr: f64,
}

impl ScheduleKind for Cosine {
    const WORD: &'static str = "cosine";

    fn read(table: &mut TomlTable<'_>, _: Convention, lr: f64) -> Option<Self> {
        let warmup = table.or("warmup", 0.0, number(Within::NotNegative));
        let min_lr = table.or("min_lr", 0.0, |value| match number(Within::NotNegative)(value)? {
            min_lr if min_lr > lr => value.refuse(format!("the rate begins at {lr}; write at most that")),
            min_lr => Some(min_lr),
        });
        Some(Cosine { warmup: warmup?, min_lr: min_lr? })
    }

    fn validate(&self) -> Valid {
        not_negative("warmup", self.warmup)?;
        not_negative("min_lr", self.min_lr)
    }

    fn rate(&self, lr: f64, step: u64, course: TrainingLength) -> f64 {
        let warmup = (self.warmup * course.steps as f64).round();
        let step = step as f64;
        if step < warmup {
            return lr * (step + 1.0) / warmup;
        }
        let total = course.steps as f64 * f64::from(course.epochs);
        let done = (step - warmup) / (total - warmup);
        // The cosine of `libm` is the same on every machine.
        self.min_lr + (lr - self.min_lr) * (1.0 + libm::cos(PI * done)) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PyTorch's `CosineAnnealingLR(SGD(lr=0.1), T_max=8, eta_min=0.01)` gives, step by step, the closed form's
    /// 0.01 + 0.09 * (1 + cos(pi * t / 8)) / 2: 0.1 at the start, 0.055 half way.
    #[test]
    fn the_rate_rises_and_falls() {
        let course = TrainingLength { steps: 5, epochs: 2 };
        let cosine = Cosine { warmup: 0.4, min_lr: 0.01 };
        let rates: Vec<f64> = (0..10).map(|step| cosine.rate(0.1, step, course)).collect();
        assert_eq!(rates[..3], [0.05, 0.1, 0.1]);
        assert!((rates[6] - 0.055).abs() < 1e-15, "{}", rates[6]);
        assert!(rates[2..].windows(2).all(|pair| pair[1] < pair[0]));
        assert!(rates[9] > 0.01);
    }

    #[test]
    fn a_warm_up_as_long_as_the_training_only_rises() {
        let course = TrainingLength { steps: 4, epochs: 1 };
        let cosine = Cosine { warmup: 1.0, min_lr: 0.0 };
        let rates: Vec<f64> = (0..4).map(|step| cosine.rate(1.0, step, course)).collect();
        assert_eq!(rates, [0.25, 0.5, 0.75, 1.0]);
    }
}
