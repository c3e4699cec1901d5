//! The samples of a dataset and their classes.

use super::buffer::Buffer;
use super::selected::Selected;
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

/// The values of samples.
#[derive(Clone, Debug)]
pub enum Values {
    /// Pixels, of which 255 is 1.
    Bytes(Buffer<u8>),
    /// Numbers as they are.
    Floats(Buffer<f32>),
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

impl Values {
    /// Returns the number of values.
    pub fn len(&self) -> usize {
        match self {
            Values::Bytes(bytes) => bytes.as_slice().len(),
            Values::Floats(floats) => floats.as_slice().len(),
        }
    }

    /// Returns whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills `output` with the values from the `start`-th on, bytes as fractions of 255.
    pub(super) fn read(&self, start: usize, output: &mut [f32]) {
        match self {
            Values::Bytes(bytes) => {
                let bytes = &bytes.as_slice()[start..];
                output.iter_mut().zip(bytes).for_each(|(value, byte)| *value = f32::from(*byte) / 255.0);
            }
            Values::Floats(floats) => output.copy_from_slice(&floats.as_slice()[start..][..output.len()]),
        }
    }

    /// Returns a copy of the samples of `size` values at these indices.
    pub(super) fn gather(&self, size: usize, indices: &[u32]) -> Values {
        fn chosen<T: Copy>(values: &[T], size: usize, indices: &[u32]) -> Vec<T> {
            let mut chosen = Vec::with_capacity(indices.len() * size);
            for &index in indices {
                chosen.extend_from_slice(&values[index as usize * size..][..size]);
            }
            chosen
        }
        match self {
            Values::Bytes(bytes) => Values::Bytes(Buffer::Owned(chosen(bytes.as_slice(), size, indices))),
            Values::Floats(floats) => Values::Floats(Buffer::Owned(chosen(floats.as_slice(), size, indices))),
        }
    }
}
