//! `adam`.

use super::kind::{Apply, Slots, misfit};
use crate::engine::error::Error;
use crate::engine::shim::StepTensors;
use crate::recipe::Convention;
use crate::recipe::optimizers::Adam;

impl Apply for Adam {
    const PROBED: Self = Adam { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 };

    fn apply(&self, step: &StepTensors<'_>, state: Slots<'_>, number: u64) -> Result<(), Error> {
        let [first, second] = state else { return Err(misfit()) };
        // PyTorch adds eps to the corrected root, Keras and TensorFlow to the uncorrected one.
        let eps = match step.convention {
            Convention::Torch => self.eps,
            Convention::Keras | Convention::Tf1 => {
                self.eps / (1.0 - libm::pow(self.beta2, number as f64)).sqrt()
            }
        };
        step.adam(first, second, number as i64, (self.beta1, self.beta2), eps)
    }
}
