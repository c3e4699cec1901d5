//! `avg-pool`.

use tch::Tensor;

use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::kernel::{Kernels, drawn, outputs};
use crate::recipe::layers::avg_pool::AvgPool;
use crate::recipe::shape::Shape;

impl Build for AvgPool {
    const KERNELS: Kernels = &[("avg-pool", |d| {
        outputs(&[drawn(&[16, 8, 28, 28], d, 0)?], |x| {
            Ok(x[0].f_avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None::<i64>)?)
        })
    })];

    fn build(&self, _: &str, _: Shape, _: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        Ok(Box::new(self.clone()))
    }
}

impl Forward for AvgPool {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        let size = self.size.map(i64::from);
        let stride = self.stride.map(i64::from);
        Ok(x.f_avg_pool2d(size, stride, [0, 0], false, true, None::<i64>)?)
    }
}
