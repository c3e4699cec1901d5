//! Datasets: digests, IDX, the embedded set, download, splits, noise and augmentation plans.

pub mod add;
mod augment;
mod buffer;
pub mod catalogue;
mod content;
mod error;
pub mod fetch;
pub mod formats;
mod glyphs;
mod gzip;
mod idx;
mod load;
mod locate;
mod maker;
pub mod memory;
mod mnist;
mod noise;
mod order;
mod pipeline;
mod prepare;
pub mod preview;
mod resize;
mod samples;
mod selected;
mod selection;
mod share;
mod split;
mod test_set;
mod test_split;
mod training;
mod values;

use std::collections::BTreeMap;

use crate::recipe::Geometry;
use crate::recipe::datasets::Manifest;

pub use buffer::Buffer;
pub use error::Error;
pub use idx::IdxProblem;
pub use load::{load, load_manifest};
pub use locate::{DATASETS, Roots};
pub use prepare::Prepared;
pub use samples::{SampleValues, Samples};
pub use share::{Handle, Shared};
pub use split::Split;
pub use test_set::TestSet;
pub use test_split::{test_indices, test_samples};
pub use training::{TrainingImage, training_images};
pub use values::Values;

/// A decoded dataset, verified by its digests.
#[derive(Debug)]
pub struct Dataset {
    /// What suites call it.
    pub name: String,
    /// The number of classes.
    pub classes: u32,
    /// The name of each class; empty if they have only numbers, and in workers, which need none.
    pub class_names: Vec<String>,
    /// SHA-256 of the IDX files that its content makes, by file name.
    pub digests: BTreeMap<String, String>,
    /// The samples to train on.
    pub train: Split,
    /// The samples to test on.
    pub test: Split,
}

impl Dataset {
    /// Returns the dataset of a manifest with these splits.
    fn of(manifest: &Manifest, train: Split, test: Split) -> Self {
        Dataset {
            name: manifest.name.clone(),
            classes: manifest.geometry.classes,
            class_names: manifest.class_names.clone(),
            digests: manifest.content.clone(),
            train,
            test,
        }
    }

    /// Returns the shape of its samples and the number of its classes.
    pub fn geometry(&self) -> Geometry {
        Geometry { shape: self.train.shape, classes: self.classes }
    }
}
