//! `activation`, and the elementwise functions within other layers.

use tch::Tensor;

use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::kernel::{Kernels, N, drawn, outputs};
use crate::recipe::Activation;
use crate::recipe::layers::activation::Elementwise;
use crate::recipe::shape::Shape;

impl Build for Elementwise {
    const KERNELS: Kernels = &[
        ("relu", |d| outputs(&[drawn(&[N], d, 0)?], |x| Ok(x[0].f_relu()?))),
        ("sigmoid", |d| outputs(&[drawn(&[N], d, 0)?], |x| Ok(x[0].f_sigmoid()?))),
        ("tanh", |d| outputs(&[drawn(&[N], d, 0)?], |x| Ok(x[0].f_tanh()?))),
    ];

    fn build(&self, _: &str, _: Shape, _: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        Ok(Box::new(self.clone()))
    }
}

impl Forward for Elementwise {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        activate(x, self.function)
    }
}

/// Applies an elementwise function.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn activate(x: Tensor, function: Activation) -> Result<Tensor, Error> {
    Ok(match function {
        Activation::Linear => x,
        Activation::Relu => x.f_relu()?,
        Activation::Tanh => x.f_tanh()?,
        Activation::Sigmoid => x.f_sigmoid()?,
    })
}
