//! A dataset by name: decoded, and its content verified every time.

use std::path::PathBuf;

use super::catalogue::{self, Manifest};
use super::formats::{self, Contents, SampleSource};
use super::locate::Found;
use super::{Dataset, Error, Roots, Split, content, glyphs, memory, mnist, order};

/// Finds a dataset, decodes it and verifies the SHA-256 of its content. An embedded dataset is generated and verified
/// likewise.
///
/// # Errors
/// Returns an error if there is no such dataset, if its files are in none of the folders, if their content is not what
/// its manifest says, or if it takes more than half of this machine's memory.
pub fn load(name: &str, roots: &Roots) -> Result<Dataset, Error> {
    load_manifest(catalogue::require(&catalogue::discover(roots), name)?, roots)
}

/// Reads the dataset of a manifest as [`load`] does.
///
/// # Errors
/// As [`load`].
pub fn load_manifest(manifest: &Manifest, roots: &Roots) -> Result<Dataset, Error> {
    if manifest.is_embedded() {
        return generate(manifest);
    }
    let found = roots.find(manifest)?;
    memory::allow(&manifest.name, manifest.bytes())?;
    match mnist::files(manifest) {
        Some(files) => mnist::read(manifest, files, &found),
        None => read(manifest, &found),
    }
}

fn generate(manifest: &Manifest) -> Result<Dataset, Error> {
    let generate = match manifest.name.as_str() {
        "order" => order::generate,
        _ => glyphs::generate,
    };
    let (train, test) = generate(manifest);
    if let Some(Other { file, expected, found }) = other_content(manifest, &train, &test) {
        return Err(Error::Embedded { dataset: manifest.name.clone(), file, expected, found });
    }
    Ok(Dataset::of(manifest, train, test))
}

/// Reads a dataset in any format, and verifies that it is the one of its manifest.
fn read(manifest: &Manifest, found: &Found) -> Result<Dataset, Error> {
    let format = formats::require(&manifest.format)?;
    let paths = |files: &[catalogue::File]| -> Vec<PathBuf> {
        files.iter().map(|file| found.path(file).unwrap_or_else(|| found.folder.join(&file.path))).collect()
    };
    let source = SampleSource {
        train: paths(&manifest.train.files),
        test: paths(&manifest.test.files),
        shape: Some(manifest.geometry.shape),
        resize: manifest.resize,
        most_bytes: manifest.bytes(),
    };
    let Contents { train, test, .. } = format.read(&source)?;
    let (train, test) = formats::split(train, test, manifest.held_out)?;
    let path = source.train.first().cloned().unwrap_or_default();
    for (what, is, expected) in
        [("training", train.len(), &manifest.train), ("test", test.len(), &manifest.test)]
    {
        if is != expected.samples as usize {
            let expected = expected.samples;
            return Err(Error::Count { path, what, is, expected, dataset: manifest.name.clone() });
        }
    }
    if let Some(Other { file, expected, found }) = other_content(manifest, &train, &test) {
        let path =
            if file.starts_with("train") { path } else { source.test.first().cloned().unwrap_or(path) };
        let dataset = manifest.name.clone();
        return Err(Error::OtherContent { path, dataset, file, expected, found });
    }
    Ok(Dataset::of(manifest, train, test))
}

/// An array that is not the one of the manifest.
struct Other {
    file: String,
    expected: String,
    found: String,
}

/// Returns the first array whose digest is not the one of the manifest.
fn other_content(manifest: &Manifest, train: &Split, test: &Split) -> Option<Other> {
    let is = content::digests(train, test, manifest.geometry.classes);
    manifest.content.iter().find_map(|(file, expected)| {
        let found = is.get(file).cloned().unwrap_or_default();
        (*expected != found).then(|| Other { file: file.clone(), expected: expected.clone(), found })
    })
}
