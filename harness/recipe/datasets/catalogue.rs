//! The datasets that can be named.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::BUILT_INS;
use super::manifest::Manifest;

/// The datasets that can be named: those that are part of the program, and those whose manifests were found.
#[derive(Clone, Debug)]
pub struct Catalogue {
    found: BTreeMap<String, Arc<Manifest>>,
    broken: BTreeMap<String, String>,
}

impl Default for Catalogue {
    fn default() -> Self {
        let found = BUILT_INS.iter().map(|manifest| (manifest.name.clone(), Arc::clone(manifest))).collect();
        Catalogue { found, broken: BTreeMap::new() }
    }
}

impl Catalogue {
    /// Adds a dataset, unless there is one of its name already.
    pub fn add(&mut self, manifest: Manifest) {
        if !self.broken.contains_key(&manifest.name) {
            self.found.entry(manifest.name.clone()).or_insert_with(|| Arc::new(manifest));
        }
    }

    /// Notes that the manifest of this name cannot be used, and why.
    pub fn add_broken(&mut self, name: String, why: String) {
        if !self.found.contains_key(&name) {
            self.broken.entry(name).or_insert(why);
        }
    }

    /// Returns the dataset of this name.
    pub fn find(&self, name: &str) -> Option<&Arc<Manifest>> {
        self.found.get(name)
    }

    /// Returns why the dataset of this name cannot be used, if its manifest was found but is broken.
    pub fn broken(&self, name: &str) -> Option<&str> {
        self.broken.get(name).map(String::as_str)
    }

    /// Returns all datasets, by name.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Manifest>> {
        self.found.values()
    }

    /// Returns the name of each manifest that cannot be used, and why.
    pub fn all_broken(&self) -> impl Iterator<Item = (&str, &str)> {
        self.broken.iter().map(|(name, why)| (name.as_str(), why.as_str()))
    }
}

/// Returns what identities call a dataset that a suite calls `name`: the name of the dataset of the same content that is
/// part of the program, else its own if one that is part of the program is called so. Returns the empty name for any
/// other, which is known by its content alone.
pub fn canonical_name(name: &str, content: &BTreeMap<String, String>) -> &'static str {
    let same_content = BUILT_INS.iter().find(|manifest| manifest.content == *content);
    let same_name = || BUILT_INS.iter().find(|manifest| manifest.name == name);
    same_content.or_else(same_name).map_or("", |manifest| manifest.name.as_str())
}
