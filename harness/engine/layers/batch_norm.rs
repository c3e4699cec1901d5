//! `batch-norm`.

use tch::{Device, Tensor};

use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::init::Init;
use crate::engine::kernel::{Kernels, drawn, outputs};
use crate::recipe::layers::batch_norm::BatchNorm;
use crate::recipe::shape::Shape;

struct BuiltBatchNorm {
    weight: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
    momentum: f64,
    eps: f64,
}

impl Build for BatchNorm {
    const KERNELS: Kernels = &[
        ("batch-norm", |d| normalized(d, &[16, 8, 28, 28])),
        ("batch-norm-steps", |d| normalized(d, &[64, 32, 28])),
    ];

    fn build(&self, prefix: &str, input: Shape, builder: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        let features = input.features();
        Ok(Box::new(BuiltBatchNorm {
            weight: builder.parameter(prefix, "weight", &[features], Init::Constant(1.0), 0.0)?,
            bias: builder.parameter(prefix, "bias", &[features], Init::Constant(0.0), 0.0)?,
            mean: builder.buffer(prefix, "running_mean", features, 0.0)?,
            variance: builder.buffer(prefix, "running_var", features, 1.0)?,
            momentum: self.momentum,
            eps: self.eps,
        }))
    }
}

impl Forward for BuiltBatchNorm {
    fn forward(&self, x: Tensor, training: bool) -> Result<Tensor, Error> {
        if training && x.numel() as i64 == self.mean.size()[0] {
            return Err(Error::OneValue);
        }
        let BuiltBatchNorm { weight, bias, mean, variance, momentum, eps } = self;
        let norm = |x: &Tensor| {
            x.f_batch_norm(
                Some(weight),
                Some(bias),
                Some(mean),
                Some(variance),
                training,
                *momentum,
                *eps,
                true,
            )
        };
        Ok(match x.dim() {
            3 => norm(&x.f_transpose(1, 2)?)?.f_transpose(1, 2)?,
            _ => norm(&x)?,
        })
    }
}

/// Over axis 1 of `shape`.
fn normalized<const RANK: usize>(device: Device, shape: &[i64; RANK]) -> Result<String, Error> {
    let features = shape[1];
    let inputs = [drawn(shape, device, 0)?, drawn(&[features], device, 1)?, drawn(&[features], device, 2)?];
    let none = None::<&Tensor>;
    outputs(&inputs, |x| {
        Ok(x[0].f_batch_norm(Some(&x[1]), Some(&x[2]), none, none, true, 0.1, 1e-5, true)?)
    })
}
