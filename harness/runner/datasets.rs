//! The datasets of a run: each decoded and verified once, and inherited by every worker.

use std::collections::BTreeMap;

use super::cost::SplitSizes;
use crate::data::{self, Dataset, Handle, Shared};

/// Datasets that workers inherit, by name.
#[derive(Debug, Default)]
pub struct Datasets(BTreeMap<String, SharedDataset>);

#[derive(Debug)]
struct SharedDataset {
    shared: Shared,
    digests: BTreeMap<String, String>,
    sizes: SplitSizes,
}

impl Datasets {
    /// Shares a dataset with all workers that are started from now on.
    ///
    /// # Errors
    /// Fails if the system has no memory to share.
    pub fn add(&mut self, dataset: &Dataset) -> Result<(), data::Error> {
        let shared = Shared::new(dataset)?;
        shared.let_children_inherit()?;
        let digests = dataset.digests.clone();
        let sizes = SplitSizes { train: dataset.train.len() as u64, test: dataset.test.len() as u64 };
        self.0.insert(dataset.name.clone(), SharedDataset { shared, digests, sizes });
        Ok(())
    }

    /// Returns what a worker is told of the dataset. Returns `None` if it is not shared.
    pub fn handle(&self, name: &str) -> Option<&Handle> {
        self.0.get(name).map(|entry| entry.shared.handle())
    }

    /// Returns the SHA-256 of its uncompressed files, by file name. Returns `None` if it is not shared.
    pub fn digests(&self, name: &str) -> Option<&BTreeMap<String, String>> {
        self.0.get(name).map(|entry| &entry.digests)
    }

    /// Returns the numbers of its samples; 0 if it is not shared.
    pub(super) fn sizes(&self, name: &str) -> SplitSizes {
        self.0.get(name).map(|entry| entry.sizes).unwrap_or_default()
    }
}
