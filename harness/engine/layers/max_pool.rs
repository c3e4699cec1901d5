//! `max-pool`.

use tch::Tensor;

use super::builder::Builder;
use super::kind::{Build, Forward};
use super::pooling::{Pooling, probe};
use crate::engine::error::Error;
use crate::engine::kernel::Kernels;
use crate::recipe::layers::max_pool::MaxPool;
use crate::recipe::shape::Shape;

impl Build for MaxPool {
    const KERNELS: Kernels = &[("max-pool", |device| probe(device, pool))];

    fn build(&self, _: &str, _: Shape, _: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        Ok(Box::new(Pooling { window: self.0, pool }))
    }
}

fn pool(x: &Tensor, size: [i64; 2], stride: [i64; 2]) -> Result<Tensor, Error> {
    Ok(x.f_max_pool2d(size, stride, [0, 0], [1, 1], false)?)
}
