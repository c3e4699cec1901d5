//! `adamw`.

use super::kind::{Apply, Slots};
use crate::engine::error::Error;
use crate::engine::shim::StepTensors;
use crate::recipe::optimizers::Adamw;

impl Apply for Adamw {
    const PROBED: Self = Adamw { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8, weight_decay: 0.01 };

    fn apply(&self, step: &StepTensors<'_>, state: Slots<'_>, number: u64) -> Result<(), Error> {
        let _no_grad = tch::no_grad_guard();
        for weight in step.weights {
            let _ = weight.shallow_clone().f_mul_scalar_(1.0 - step.lr * self.weight_decay)?;
        }
        self.adam().apply(step, state, number)
    }
}
