//! What the file of an optimizer gives the engine.

use tch::Tensor;

use crate::engine::error::Error;
use crate::engine::shim::StepTensors;

/// The state of an optimizer: for each of its slots, one tensor a weight.
pub type Slots<'s> = &'s [Vec<Tensor>];

/// An optimizer's description that can move weights.
pub trait Apply: Sized {
    /// What the numerics probe tries, under the name of the optimizer. It keeps its constants for good.
    const PROBED: Self;

    /// Moves the weights. `number` counts the steps from 1.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses, or if the state is not this optimizer's.
    fn apply(&self, step: &StepTensors<'_>, state: Slots<'_>, number: u64) -> Result<(), Error>;
}

/// Returns the error of a state that is another optimizer's.
pub fn misfit() -> Error {
    Error::System("an optimizer's state fits its rule".into())
}
