//! `dense`.

use tch::{Device, Tensor};

use super::activation::activate;
use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::kernel::{Kernels, drawn, outputs};
use crate::recipe::Activation;
use crate::recipe::layers::dense::Dense;
use crate::recipe::shape::Shape;

struct BuiltDense {
    weight: Tensor,
    bias: Option<Tensor>,
    activation: Activation,
}

impl Build for Dense {
    const KERNELS: Kernels = &[
        ("linear", |d| product(d, 64, 784, 128)),
        ("linear-large", |d| product(d, 128, 300, 200)),
        ("linear-small", |d| product(d, 7, 32, 10)),
    ];

    fn build(&self, prefix: &str, input: Shape, builder: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        let features = input.features();
        let units = self.units;
        let (weight, bias) =
            builder.kernel(prefix, &[units, features], (features, units), self.bias, self.l2)?;
        Ok(Box::new(BuiltDense { weight, bias, activation: self.activation }))
    }
}

impl Forward for BuiltDense {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        activate(x.f_linear(&self.weight, self.bias.as_ref())?, self.activation)
    }
}

fn product(device: Device, batch: i64, features: i64, units: i64) -> Result<String, Error> {
    let inputs = [
        drawn(&[batch, features], device, 0)?,
        drawn(&[units, features], device, 1)?,
        drawn(&[units], device, 2)?,
    ];
    outputs(&inputs, |x| Ok(x[0].f_linear(&x[1], Some(&x[2]))?))
}
