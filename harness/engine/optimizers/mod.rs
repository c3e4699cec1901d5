//! The optimizers on libtorch: one file and one line of the registry each, as in [`crate::recipe::optimizers`].

mod kind;

pub use kind::{Apply, Slots};

use super::error::Error;
use super::shim::StepTensors;
use crate::recipe::Optimizer;

/// Declares a file for each optimizer and gathers what they give.
macro_rules! registry {
    ($($file:ident: $optimizer:ident),+ $(,)?) => {
        $(pub mod $file;)+

        /// Moves the weights by the rule of `optimizer`. `number` counts the steps from 1.
        ///
        /// # Errors
        /// Returns an error if libtorch refuses, or if the state is not this optimizer's.
        pub fn apply(
            optimizer: &Optimizer,
            step: &StepTensors<'_>,
            state: Slots<'_>,
            number: u64,
        ) -> Result<(), Error> {
            match optimizer { $(Optimizer::$optimizer(rule) => rule.apply(step, state, number)),+ }
        }

        /// What the probe tries of all optimizers.
        pub const PROBED: &[Optimizer] = &[
            $(Optimizer::$optimizer(<crate::recipe::optimizers::$optimizer as Apply>::PROBED)),+
        ];
    };
}

registry! {
    sgd: Sgd,
    adam: Adam,
    adamw: Adamw,
    rmsprop: Rmsprop,
}
