//! `batch-norm`.

use tch::{Device, Tensor};

use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::init::Init;
use crate::engine::kernel::{Kernels, drawn, outputs};
use crate::recipe::Convention;
use crate::recipe::layers::batch_norm::BatchNorm;
use crate::recipe::shape::Shape;

struct BuiltBatchNorm {
    weight: Tensor,
    bias: Tensor,
    mean: Tensor,
    variance: Tensor,
    momentum: f64,
    eps: f64,
    /// Whether the biased variance of a batch goes into the running one.
    biased: bool,
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
            biased: match builder.convention {
                Convention::Torch => false,
                Convention::Keras | Convention::Tf1 => true,
            },
        }))
    }
}

impl Forward for BuiltBatchNorm {
    fn forward(&self, x: Tensor, training: bool) -> Result<Tensor, Error> {
        if training && x.numel() as i64 == self.mean.size()[0] {
            return Err(Error::OneValue);
        }
        let BuiltBatchNorm { weight, bias, mean, variance, momentum, eps, biased } = self;
        // What libtorch updates, where that is not yet what is kept.
        let unbiased = if training && *biased { Some(variance.f_detach_copy()?) } else { None };
        let norm = |x: &Tensor| {
            x.f_batch_norm(
                Some(weight),
                Some(bias),
                Some(mean),
                Some(unbiased.as_ref().unwrap_or(variance)),
                training,
                *momentum,
                *eps,
                true,
            )
        };
        let y = match x.dim() {
            3 => norm(&x.f_transpose(1, 2)?)?.f_transpose(1, 2)?,
            _ => norm(&x)?,
        };
        if let Some(unbiased) = unbiased {
            let count = x.numel() as f64 / mean.numel() as f64;
            update_biased(variance, &unbiased, count, *momentum)?;
        }
        Ok(y)
    }
}

/// Updates a running variance as Keras does, with the biased variance of a batch of `count` values, which is
/// (count - 1)/count of the unbiased one with which libtorch made `unbiased` of it.
fn update_biased(running: &Tensor, unbiased: &Tensor, count: f64, momentum: f64) -> Result<(), Error> {
    let added = unbiased.f_mul_scalar((count - 1.0) / count)?;
    let _updated = running.shallow_clone().f_mul_scalar_((1.0 - momentum) / count)?.f_add_(&added)?;
    Ok(())
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
