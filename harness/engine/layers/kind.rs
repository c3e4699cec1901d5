//! What the file of a layer gives the engine.

use std::any::Any;

use tch::Tensor;

use super::builder::Builder;
use crate::engine::error::Error;
use crate::engine::kernel::Kernels;
use crate::recipe::shape::Shape;

/// A layer's description that can be built.
pub trait Build {
    /// The kernels of the numerics probe that compute this layer and no other part.
    const KERNELS: Kernels = &[];

    /// Draws the layer's initial values. Its parameters are named after `prefix`.
    ///
    /// # Errors
    /// Returns an error if memory runs out.
    fn build(&self, prefix: &str, input: Shape, builder: &mut Builder) -> Result<Box<dyn Forward>, Error>;
}

/// A layer with its weights.
pub trait Forward: Any {
    /// Computes the layer's output. `training` switches dropout and batch statistics on.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    fn forward(&self, x: Tensor, training: bool) -> Result<Tensor, Error>;
}
