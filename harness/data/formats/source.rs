//! What a format reads, and what it makes of it.

use std::path::PathBuf;

use crate::recipe::shape::Shape;

/// Where the samples of a dataset are, and how they are to be read.
#[derive(Clone, Debug)]
pub struct SampleSource {
    /// The files or the folder of the training split, in their order.
    pub train: Vec<PathBuf>,
    /// The files or the folder of the test split; empty if it is in those of the training split, or if there is none.
    pub test: Vec<PathBuf>,
    /// The shape of a sample, where the files do not say it.
    pub shape: Option<Shape>,
    /// The height and width that images are resized to.
    pub resize: Option<[u32; 2]>,
    /// The most bytes that the samples and labels of both splits may take in memory.
    pub most_bytes: u64,
}

impl SampleSource {
    /// Returns the source of the other split, once one has taken so many bytes of the memory.
    pub(super) fn after(&self, bytes: u64) -> SampleSource {
        SampleSource { most_bytes: self.most_bytes.saturating_sub(bytes), ..self.clone() }
    }
}

/// What a format makes of its files.
#[derive(Clone, Debug, PartialEq)]
pub struct Contents {
    /// The samples to train on.
    pub train: Decoded,
    /// The samples to test on, where the files have any.
    pub test: Option<Decoded>,
    /// The name of each class, where the files have names.
    pub classes: Option<Vec<String>>,
}

/// The samples of a split.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The shape of one sample, an image or a sequence.
    pub shape: Shape,
    /// The values of all samples, sample after sample.
    pub values: DecodedValues,
    /// The class of each sample.
    pub labels: Vec<u16>,
}

impl Decoded {
    /// Returns the number of bytes that its values and labels take in memory.
    pub fn bytes(&self) -> u64 {
        self.values.bytes() + 2 * self.labels.len() as u64
    }
}

/// The values of samples.
#[derive(Clone, Debug, PartialEq)]
pub enum DecodedValues {
    /// Images: channel after channel, row after row.
    Bytes(Vec<u8>),
    /// Sequences: step after step.
    Floats(Vec<f32>),
}

impl DecodedValues {
    /// Returns the number of values.
    pub fn len(&self) -> usize {
        match self {
            DecodedValues::Bytes(bytes) => bytes.len(),
            DecodedValues::Floats(floats) => floats.len(),
        }
    }

    /// Returns the number of bytes that they take in memory.
    pub fn bytes(&self) -> u64 {
        match self {
            DecodedValues::Bytes(bytes) => bytes.len() as u64,
            DecodedValues::Floats(floats) => 4 * floats.len() as u64,
        }
    }

    /// Returns whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
