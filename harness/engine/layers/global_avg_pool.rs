//! `global-avg-pool`.

use tch::{Kind, Tensor};

use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::kernel::{Kernels, drawn, outputs};
use crate::recipe::layers::global_avg_pool::GlobalAvgPool;
use crate::recipe::shape::Shape;

impl Build for GlobalAvgPool {
    const KERNELS: Kernels =
        &[("global-avg-pool", |d| outputs(&[drawn(&[16, 8, 7, 7], d, 0)?], |x| mean_of_maps(&x[0])))];

    fn build(&self, _: &str, _: Shape, _: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        Ok(Box::new(self.clone()))
    }
}

impl Forward for GlobalAvgPool {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        mean_of_maps(&x)
    }
}

/// (batch, channels, height, width) to (batch, channels).
fn mean_of_maps(x: &Tensor) -> Result<Tensor, Error> {
    Ok(x.f_mean_dim([2i64, 3].as_slice(), false, None::<Kind>)?)
}
