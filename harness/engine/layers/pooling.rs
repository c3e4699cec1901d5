//! Pooling over windows, which `max-pool` and `avg-pool` share.

use tch::{Device, Tensor};

use super::kind::Forward;
use crate::engine::error::Error;
use crate::engine::kernel::{drawn, outputs};
use crate::recipe::layers::window::Window;

/// Makes one value of each window of an image.
pub type Pool = fn(x: &Tensor, size: [i64; 2], stride: [i64; 2]) -> Result<Tensor, Error>;

/// A layer that pools.
pub struct Pooling {
    /// The windows that are pooled.
    pub window: Window,
    /// Makes a value of each window.
    pub pool: Pool,
}

impl Forward for Pooling {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        (self.pool)(&x, self.window.size.map(i64::from), self.window.stride.map(i64::from))
    }
}

/// Returns the digest of what `pool` makes of fixed images.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn probe(device: Device, pool: Pool) -> Result<String, Error> {
    outputs(&[drawn(&[16, 8, 28, 28], device, 0)?], |x| pool(&x[0], [2, 2], [2, 2]))
}
