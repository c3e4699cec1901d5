//! `max-pool`.

use tch::Tensor;

use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::kernel::{Kernels, drawn, outputs};
use crate::recipe::layers::max_pool::MaxPool;
use crate::recipe::shape::Shape;

impl Build for MaxPool {
    const KERNELS: Kernels = &[("max-pool", |d| {
        outputs(&[drawn(&[16, 8, 28, 28], d, 0)?], |x| {
            Ok(x[0].f_max_pool2d([2, 2], [2, 2], [0, 0], [1, 1], false)?)
        })
    })];

    fn build(&self, _: &str, _: Shape, _: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        Ok(Box::new(self.clone()))
    }
}

impl Forward for MaxPool {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        Ok(x.f_max_pool2d(self.size.map(i64::from), self.stride.map(i64::from), [0, 0], [1, 1], false)?)
    }
}
