//! The datasets of a run: each decoded and verified once, and inherited by every worker.

use std::collections::BTreeMap;

use crate::data::{self, Dataset, Handle, Shared};

/// Datasets that workers inherit, by name.
#[derive(Debug, Default)]
pub struct Datasets(BTreeMap<String, Entry>);

#[derive(Debug)]
struct Entry {
    shared: Shared,
    digests: BTreeMap<String, String>,
    train_samples: u64,
}

impl Datasets {
    /// Shares a dataset with all workers started from now on.
    ///
    /// # Errors
    ///
    /// Where the system has no memory to share.
    pub fn add(&mut self, dataset: &Dataset) -> Result<(), data::Error> {
        let shared = Shared::new(dataset)?;
        shared.let_children_inherit()?;
        let digests = dataset.digests.clone();
        let train_samples = dataset.train.len() as u64;
        self.0.insert(dataset.name.clone(), Entry { shared, digests, train_samples });
        Ok(())
    }

    /// What to tell a worker of the dataset.
    pub fn handle(&self, name: &str) -> Option<&Handle> {
        self.0.get(name).map(|entry| entry.shared.handle())
    }

    /// SHA-256 of its uncompressed files, by file name.
    pub fn digests(&self, name: &str) -> Option<&BTreeMap<String, String>> {
        self.0.get(name).map(|entry| &entry.digests)
    }

    /// Images in its training split; 0 where it is not there.
    pub(super) fn train_samples(&self, name: &str) -> u64 {
        self.0.get(name).map_or(0, |entry| entry.train_samples)
    }
}
