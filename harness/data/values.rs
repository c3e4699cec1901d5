//! The values of samples, as they are stored.

use super::buffer::Buffer;

/// The values of samples.
#[derive(Clone, Debug)]
pub enum Values {
    /// Pixels, of which 255 is 1.
    Bytes(Buffer<u8>),
    /// Numbers as they are.
    Floats(Buffer<f32>),
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
