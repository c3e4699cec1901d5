//! `sequence`: (batch, channels, height, width) to (batch, steps, features).

use tch::Tensor;

use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::recipe::ReadBy;
use crate::recipe::layers::sequence::Sequence;
use crate::recipe::shape::Shape;

impl Build for Sequence {
    fn build(&self, _: &str, _: Shape, _: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        Ok(Box::new(self.clone()))
    }
}

impl Forward for Sequence {
    fn forward(&self, x: Tensor, _: bool) -> Result<Tensor, Error> {
        Ok(match self.by {
            ReadBy::Rows => x.f_permute([0, 2, 1, 3])?.f_flatten(2, 3)?,
            ReadBy::Columns => x.f_permute([0, 3, 1, 2])?.f_flatten(2, 3)?,
            ReadBy::Pixels => x.f_flatten(2, 3)?.f_transpose(1, 2)?,
        })
    }
}
