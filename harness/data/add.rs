//! Makes the manifest of a dataset from its files.

use std::io::{self, BufReader};
use std::path::{Component, Path, PathBuf};

use super::catalogue::{File, Manifest};
use super::formats::{self, DataFormat, SampleSource};
use super::{Dataset, Error, content, fetch, gzip};
use crate::files;
use crate::recipe::Geometry;
use crate::recipe::datasets::{HeldOut, SplitFiles};

/// What is to be known of a dataset besides what its files say.
#[derive(Clone, Debug)]
pub struct Described {
    /// What suites will call it.
    pub name: String,
    /// For people; may be empty.
    pub description: String,
    /// Under which terms it may be used; may be empty.
    pub licence: String,
    /// URL prefixes of its files.
    pub mirrors: Vec<String>,
    /// The format of its files; `None` if it is to be told by their content.
    pub format: Option<&'static DataFormat>,
    /// The name of each class; `None` if they are those that the files have, if any.
    pub class_names: Option<Vec<String>>,
    /// The part of the training samples that is held out to test on.
    pub held_out: Option<HeldOut>,
    /// The folder that the manifest will be in.
    pub place: PathBuf,
}

/// Reads and verifies the files of a dataset. Returns its manifest and what it holds; nothing is written.
///
/// # Errors
/// Returns an error that names the file and the place in it if the files are no dataset.
pub fn add(source: &SampleSource, described: Described) -> Result<(Manifest, Dataset), Error> {
    let Described { name, description, licence, mirrors, format, class_names, held_out, place } = described;
    let first = source.train.first().cloned().unwrap_or_default();
    let format = match format {
        Some(format) => format,
        None => formats::recognize(&first)
            .ok_or_else(|| Error::Unrecognized { path: first.clone(), known: formats::names() })?,
    };
    let contents = format.read(source)?;
    let classes = contents.train.labels.iter().max().map_or(0, |&label| u32::from(label) + 1);
    let class_names = class_names.or(contents.classes).unwrap_or_default();
    if !class_names.is_empty() && class_names.len() != classes as usize {
        return Err(Error::ClassNames { names: class_names.len(), classes });
    }
    let (train, test) = formats::split(contents.train, contents.test, held_out)?;
    let manifest = Manifest {
        name,
        description,
        licence,
        format: format.name.to_owned(),
        geometry: Geometry { shape: train.shape, classes },
        class_names,
        resize: source.resize,
        train: split_files(&source.train, train.len(), &place)?,
        test: split_files(&source.test, test.len(), &place)?,
        held_out,
        content: content::digests(&train, &test, classes),
        mirrors,
        folders: Vec::new(),
        place: Some(place),
    };
    if !manifest.mirrors.is_empty() {
        fetch::expect_names(&manifest)?;
    }
    let dataset = Dataset::of(&manifest, train, test);
    Ok((manifest, dataset))
}

fn split_files(paths: &[PathBuf], samples: usize, place: &Path) -> Result<SplitFiles, Error> {
    let file = |path: &PathBuf| -> Result<File, Error> {
        let failed = |source| Error::Read { path: path.clone(), source };
        let digest = || gzip::digest(BufReader::new(files::open(path)?));
        let sha256 = if path.is_dir() { None } else { Some(digest().map_err(failed)?) };
        let path = seen_from(place, path).map_err(failed)?;
        Ok(File { path: path.to_string_lossy().into_owned(), sha256 })
    };
    let files = paths.iter().map(file).collect::<Result<_, _>>()?;
    Ok(SplitFiles { samples: samples as u32, files })
}

/// Returns a path as seen from a folder that need not exist yet. One that shares nothing with it but the root stays
/// absolute.
fn seen_from(folder: &Path, path: &Path) -> io::Result<PathBuf> {
    let path = path.canonicalize()?;
    let folder = std::path::absolute(folder)?;
    let folder = folder.canonicalize().unwrap_or(folder);
    let shared = path.components().zip(folder.components()).take_while(|(a, b)| a == b).count();
    if shared <= 1 {
        return Ok(path);
    }
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    Ok(up.chain(path.components().skip(shared)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_manifest() {
        let place = tempfile::tempdir().unwrap();
        let raw = place.path().join("raw");
        std::fs::create_dir(&raw).unwrap();
        let file = raw.join("train.csv");
        std::fs::write(&file, "").unwrap();
        let seen = seen_from(&place.path().join("datasets"), &file).unwrap();
        assert_eq!(seen, Path::new("../raw/train.csv"));
        assert_eq!(seen_from(Path::new("/nowhere"), &file).unwrap(), file.canonicalize().unwrap());
    }
}
