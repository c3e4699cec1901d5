//! A dataset by name: decoded, and its content verified every time.

use std::path::Path;

use super::catalogue::{self, Entry};
use super::gzip;
use super::idx::{self, Array, IdxProblem};
use super::locate::file_in;
use super::{Buffer, Dataset, Error, Roots, Split, Values, content, glyphs};
use crate::files;
use crate::recipe::shape::Shape;

/// Finds a dataset, decodes it and verifies the SHA-256 of its uncompressed content. An embedded
/// dataset is generated and verified likewise.
///
/// # Errors
/// Returns an error if there is no such dataset, if its files are in none of the folders, or if their content is
/// not what is published.
pub fn load(name: &str, roots: &Roots) -> Result<Dataset, Error> {
    let entry = catalogue::require(name)?;
    if entry.is_embedded() { generate(entry) } else { read(entry, &roots.find(entry)?) }
}

fn generate(entry: &'static Entry) -> Result<Dataset, Error> {
    let (train, test) = glyphs::generate(entry);
    let found = content::digests(&train, &test, entry.classes);
    for file in &entry.files {
        let found = found.get(file.name).cloned().unwrap_or_default();
        if file.sha256 != found {
            return Err(Error::Embedded {
                dataset: entry.name,
                file: file.name,
                expected: file.sha256,
                found,
            });
        }
    }
    Ok(dataset(entry, train, test))
}

/// Reads a dataset from its folder.
fn read(entry: &'static Entry, folder: &Path) -> Result<Dataset, Error> {
    let [train_images, train_labels, test_images, test_labels] = &entry.files;
    let split = |images, labels, count| -> Result<Split, Error> {
        let [height, width] = entry.shape;
        let images = read_file(entry, folder, images, [count, height, width], |_| Ok(()))?;
        let labels =
            read_file(entry, folder, labels, [count], |labels| labels.expect_classes(entry.classes))?;
        Ok(Split {
            shape: Shape::Image { channels: 1, height, width },
            values: Values::Bytes(Buffer::Owned(images.elements)),
            labels: Buffer::Owned(labels.elements.into_iter().map(u16::from).collect()),
        })
    };
    let train = split(train_images, train_labels, entry.train)?;
    let test = split(test_images, test_labels, entry.test)?;
    Ok(dataset(entry, train, test))
}

fn dataset(entry: &Entry, train: Split, test: Split) -> Dataset {
    Dataset { name: entry.name.to_owned(), classes: entry.classes, digests: entry.digests(), train, test }
}

fn read_file<const N: usize>(
    entry: &'static Entry,
    folder: &Path,
    file: &'static catalogue::File,
    shape: [u32; N],
    check: impl Fn(&Array<N>) -> Result<(), IdxProblem>,
) -> Result<Array<N>, Error> {
    let path = file_in(folder, file).unwrap_or_else(|| folder.join(file.name));
    let opened = files::open(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    // One byte more shows that there are too many.
    let array = gzip::unpacked(opened, idx::size(shape) + 1)
        .map_err(IdxProblem::Io)
        .and_then(|content| idx::read(&content[..], shape))
        .and_then(|array| check(&array).map(|()| array))
        .map_err(|problem| Error::Malformed { path: path.clone(), dataset: entry.name, problem })?;
    if array.sha256 != file.sha256 {
        return Err(Error::WrongDigest {
            path,
            dataset: entry.name,
            expected: file.sha256,
            found: array.sha256,
        });
    }
    Ok(array)
}
