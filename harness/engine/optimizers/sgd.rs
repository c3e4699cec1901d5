//! `sgd`.

use super::kind::{Apply, Slots, misfit};
use crate::engine::error::Error;
use crate::engine::shim::StepTensors;
use crate::recipe::Convention;
use crate::recipe::optimizers::Sgd;

impl Apply for Sgd {
    const PROBED: Self = Sgd { lr: 1e-2, momentum: 0.9, nesterov: true };

    fn apply(&self, step: &StepTensors<'_>, state: Slots<'_>, _: u64) -> Result<(), Error> {
        let momentum = match state {
            [] => &[][..],
            [momentum] => momentum,
            _ => return Err(misfit()),
        };
        let rate_within = match step.convention {
            Convention::Torch => false,
            Convention::Keras | Convention::Tf1 => true,
        };
        step.sgd(momentum, self.momentum, self.nesterov, rate_within)
    }
}
