//! The samples of a dataset and their classes.

use super::buffer::Buffer;
use super::selected::Selected;
use super::values::Values;
use crate::recipe::shape::Shape;

/// Samples of one shape and their classes.
#[derive(Debug)]
pub struct Split {
    /// The shape of one sample, an image or a sequence.
    pub shape: Shape,
    /// Sample after sample, `len() * shape.values()` values: of an image channel after channel, row after row; of a
    /// sequence step after step.
    pub values: Values,
    /// The class of each sample.
    pub labels: Buffer<u16>,
}

impl Split {
    /// Returns the number of samples.
    pub fn len(&self) -> usize {
        self.labels.as_slice().len()
    }

    /// Returns whether it holds no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of values of a sample.
    pub fn sample_len(&self) -> usize {
        self.shape.values() as usize
    }

    /// Returns the samples at these indices, in their order, and their classes.
    pub(super) fn select(&self, indices: &[u32]) -> (Selected, Vec<u16>) {
        let labels = self.labels.as_slice();
        let labels = indices.iter().map(|&index| labels[index as usize]).collect();
        (Selected::new(&self.values, self.sample_len(), indices), labels)
    }
}
