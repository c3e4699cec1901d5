//! `flatten`.

use tch::Tensor;

use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::recipe::layers::flatten::Flatten;
use crate::recipe::shape::Shape;

impl Build for Flatten {
    fn build(&self, _: &str, _: Shape, _: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        Ok(Box::new(self.clone()))
    }
}

impl Forward for Flatten {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        Ok(x.f_flatten(1, -1)?)
    }
}
