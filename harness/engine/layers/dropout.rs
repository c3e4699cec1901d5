//! `dropout`, with masks from the device's own generator.

use tch::Tensor;

use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::engine::kernel::{Kernels, N, drawn, outputs};
use crate::recipe::layers::dropout::Dropout;
use crate::recipe::shape::Shape;

impl Build for Dropout {
    const KERNELS: Kernels =
        &[("dropout", |d| outputs(&[drawn(&[N], d, 0)?], |x| Ok(x[0].f_dropout(0.5, true)?)))];

    fn build(&self, _: &str, _: Shape, _: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        Ok(Box::new(self.clone()))
    }
}

impl Forward for Dropout {
    fn forward(&self, x: Tensor, training: bool) -> Result<Tensor, Error> {
        Ok(x.f_dropout(self.rate, training)?)
    }
}
