//! Some of the samples of a split, where they are.

use super::buffer::Buffer;
use super::values::Values;

/// Samples of a split, in an order of their own. Those of a map are not copied.
#[derive(Clone, Debug)]
pub struct Selected {
    values: Values,
    /// The number of values of a sample.
    size: usize,
    indices: Vec<u32>,
}

impl Selected {
    /// Returns the samples of `size` values at these indices.
    pub fn new(values: &Values, size: usize, indices: &[u32]) -> Self {
        match values {
            Values::Bytes(Buffer::Mapped(_)) | Values::Floats(Buffer::Mapped(_)) => {
                Selected { values: values.clone(), size, indices: indices.to_vec() }
            }
            Values::Bytes(Buffer::Owned(_)) | Values::Floats(Buffer::Owned(_)) => Selected {
                values: values.gather(size, indices),
                size,
                indices: (0..indices.len() as u32).collect(),
            },
        }
    }

    /// Returns the number of samples.
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// Returns whether values are bytes, of which 255 is 1.
    pub fn is_of_bytes(&self) -> bool {
        matches!(self.values, Values::Bytes(_))
    }

    /// Returns the bytes of the sample with this place in the order. Returns `None` if values are numbers.
    pub fn bytes(&self, place: usize) -> Option<&[u8]> {
        let Values::Bytes(bytes) = &self.values else { return None };
        Some(&bytes.as_slice()[self.indices[place] as usize * self.size..][..self.size])
    }

    /// Fills `output` with the values of the sample with this place in the order.
    pub fn read(&self, place: usize, output: &mut [f32]) {
        self.values.read(self.indices[place] as usize * self.size, output);
    }
}
