//! Datasets: digests, IDX, the embedded set, download, splits, noise and augmentation plans.

mod augment;
pub mod catalogue;
mod error;
pub mod fetch;
mod glyphs;
mod gzip;
mod idx;
mod load;
mod locate;
mod noise;
mod pipeline;
mod prepare;
pub mod preview;
mod resize;
mod selection;
mod share;
mod test_set;
mod test_split;
mod training;

use std::collections::BTreeMap;

pub use error::Error;
pub use idx::IdxProblem;
pub use load::load;
pub use locate::Roots;
pub use prepare::Prepared;
pub use share::{Handle, Shared};
pub use test_set::TestSet;
pub use test_split::{test_indices, test_samples};
pub use training::{TrainingImage, training_images};

/// A decoded dataset, verified by its digests.
#[derive(Debug)]
pub struct Dataset {
    /// `glyphs`, `mnist` or `fashion-mnist`.
    pub name: String,
    /// The number of classes.
    pub classes: u32,
    /// SHA-256 of the uncompressed files, by file name.
    pub digests: BTreeMap<String, String>,
    /// The samples to train on.
    pub train: Split,
    /// The samples to test on.
    pub test: Split,
}

/// Grey images and their classes.
#[derive(Debug)]
pub struct Split {
    /// The height in pixels.
    pub height: u32,
    /// The width in pixels.
    pub width: u32,
    /// One byte a pixel, image after image, row after row: `len() * height * width`.
    pub images: Bytes,
    /// One byte an image.
    pub labels: Bytes,
}

impl Split {
    /// Returns the number of images.
    pub fn len(&self) -> usize {
        self.labels.as_slice().len()
    }

    /// Returns whether it holds no image.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Bytes that are owned, or part of a memory map that workers share.
#[derive(Debug)]
pub enum Bytes {
    /// Bytes that this process owns.
    Owned(Vec<u8>),
    /// A part of a map.
    Mapped(std::sync::Arc<memmap2::Mmap>, std::ops::Range<usize>),
}

impl Bytes {
    /// Returns the bytes, wherever they are.
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Bytes::Owned(bytes) => bytes,
            Bytes::Mapped(map, range) => &map[range.clone()],
        }
    }
}

/// Samples ready for a model, in the order they are held on the device.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// The height in pixels.
    pub height: u32,
    /// The width in pixels.
    pub width: u32,
    /// Image after image, row after row: `labels.len() * height * width`.
    pub images: Vec<f32>,
    /// One class an image.
    pub labels: Vec<u8>,
}
