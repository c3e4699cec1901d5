//! `conv`.

use tch::{Device, Tensor};

use super::activation::activate;
use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::kernel::{Kernels, drawn, outputs};
use crate::recipe::layers::conv::Conv;
use crate::recipe::shape::Shape;
use crate::recipe::{Activation, Padding};

struct BuiltConv {
    weight: Tensor,
    bias: Option<Tensor>,
    stride: [i64; 2],
    padding: [i64; 2],
    activation: Activation,
}

impl Build for Conv {
    const KERNELS: Kernels = &[
        ("conv", |d| convolution(d, 20, [32, 1, 3, 3], 1)),
        ("conv-deep", |d| convolution(d, 2, [64, 64, 3, 3], 1)),
        ("conv-stride-2", |d| convolution(d, 20, [16, 8, 5, 5], 2)),
    ];

    fn build(&self, prefix: &str, input: Shape, builder: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        let features = input.features();
        let filters = self.filters;
        let [height, width] = self.kernel;
        let area = height * width;
        let shape = [filters, features, height, width];
        let fans = (area * features, area * filters);
        let (weight, bias) = builder.kernel(prefix, &shape, fans, self.bias, self.l2)?;
        let padding = match self.padding {
            Padding::Same => [height / 2, width / 2].map(i64::from),
            Padding::Valid => [0, 0],
        };
        let stride = self.stride.map(i64::from);
        Ok(Box::new(BuiltConv { weight, bias, stride, padding, activation: self.activation }))
    }
}

impl Forward for BuiltConv {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        let y = x.f_conv2d(&self.weight, self.bias.as_ref(), self.stride, self.padding, [1, 1], 1)?;
        activate(y, self.activation)
    }
}

fn convolution(device: Device, batch: i64, kernel: [i64; 4], stride: i64) -> Result<String, Error> {
    let [filters, channels, size, _] = kernel;
    let inputs = [
        drawn(&[batch, channels, 14, 14], device, 0)?,
        drawn(&kernel, device, 1)?,
        drawn(&[filters], device, 2)?,
    ];
    let padding = [size / 2; 2];
    outputs(&inputs, |x| Ok(x[0].f_conv2d(&x[1], Some(&x[2]), [stride; 2], padding, [1, 1], 1)?))
}
