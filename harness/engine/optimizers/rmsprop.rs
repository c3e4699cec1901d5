//! `rmsprop`.

use super::kind::{Apply, Slots, misfit};
use crate::engine::error::Error;
use crate::engine::shim::StepTensors;
use crate::recipe::Convention;
use crate::recipe::optimizers::Rmsprop;

impl Apply for Rmsprop {
    const PROBED: Self = Rmsprop { lr: 1e-3, alpha: 0.99, eps: 1e-8 };

    fn apply(&self, step: &StepTensors<'_>, state: Slots<'_>, _: u64) -> Result<(), Error> {
        let [squares] = state else { return Err(misfit()) };
        let (within, beside) = match step.convention {
            Convention::Torch => (0.0, self.eps),
            Convention::Keras | Convention::Tf1 => (self.eps, 0.0),
        };
        step.rmsprop(squares, self.alpha, within, beside)
    }
}
