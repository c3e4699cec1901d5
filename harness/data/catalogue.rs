//! Datasets by name: those that are part of the program, and those of which a manifest lies in a folder that is searched.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Error, Roots};
use crate::files;
use crate::recipe::datasets::{BUILT_INS, read};
pub use crate::recipe::datasets::{Catalogue, File, Manifest};

/// Returns every dataset that can be named: those that are part of the program, and those whose manifests
/// `<root>/<name>.toml` are found, of which the first of a name counts.
pub fn discover(roots: &Roots) -> Catalogue {
    let mut catalogue = Catalogue::default();
    for path in roots.manifests() {
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        match open(&path) {
            Ok(manifest) => catalogue.add(manifest),
            Err(error) => catalogue.add_broken(name, error.to_string()),
        }
    }
    catalogue
}

/// Returns the manifest in a file, which has the name of the dataset.
///
/// # Errors
/// Returns an error that names all that is wrong with it, or why it cannot be read.
pub fn open(path: &Path) -> Result<Manifest, Error> {
    let text = files::read_text(path, files::SUITE)
        .map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let manifest = read(&text, &path.display().to_string(), path.parent())?;
    if path.file_stem().is_some_and(|stem| *stem == *manifest.name) {
        return Ok(manifest);
    }
    Err(Error::Misnamed { path: path.to_owned(), name: manifest.name })
}

/// Returns the dataset of this name, or an error that names the nearest.
///
/// # Errors
/// Returns an error if none has this name, or if its manifest cannot be used.
pub fn require<'c>(catalogue: &'c Catalogue, name: &str) -> Result<&'c Arc<Manifest>, Error> {
    if let Some(manifest) = catalogue.find(name) {
        return Ok(manifest);
    }
    if let Some(why) = catalogue.broken(name) {
        return Err(Error::Manifest { why: why.to_owned() });
    }
    Err(Error::Unknown {
        name: name.to_owned(),
        nearest: nearest(catalogue, name).map(str::to_owned),
        known: catalogue.all().map(|entry| format!("`{}`", entry.name)).collect::<Vec<_>>().join(", "),
    })
}

/// Returns the name most similar to `name`, if any is similar.
fn nearest<'c>(catalogue: &'c Catalogue, name: &str) -> Option<&'c str> {
    catalogue
        .all()
        .map(|entry| (strsim::jaro_winkler(name, &entry.name), entry.name.as_str()))
        .filter(|(similarity, _)| *similarity > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

impl Roots {
    /// Returns the files in the folders that are searched that may be manifests, those of one folder by name.
    fn manifests(&self) -> Vec<PathBuf> {
        let of_folder = |folder: &PathBuf| {
            let entries = std::fs::read_dir(folder).into_iter().flatten();
            let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
            paths.sort();
            paths
        };
        self.folders().flat_map(of_folder).collect()
    }
}

/// Returns whether a dataset of this name is part of the program.
pub fn is_built_in(name: &str) -> bool {
    BUILT_INS.iter().any(|manifest| manifest.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_names_the_nearest() {
        let catalogue = Catalogue::default();
        assert_eq!(
            require(&catalogue, "fasion-mnist").unwrap_err().to_string(),
            "unknown dataset `fasion-mnist`, did you mean `fashion-mnist`; \
             there are `fashion-mnist`, `glyphs`, `mnist`, `order`"
        );
        assert_eq!(
            require(&catalogue, "cifar").unwrap_err().to_string(),
            "unknown dataset `cifar`; there are `fashion-mnist`, `glyphs`, `mnist`, `order`"
        );
    }
}
