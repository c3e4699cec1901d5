//! Datasets in the form of MNIST: IDX files of grey images and of their labels, of each split, whose sizes the manifest
//! gives. Files of other sizes are refused before anything behind their header is read.

use super::catalogue::{File, Manifest};
use super::gzip;
use super::idx::{self, Array, IdxProblem};
use super::locate::Found;
use super::{Buffer, Dataset, Error, Split, Values};
use crate::files;
use crate::recipe::shape::Shape;

/// The files of a dataset in this form: training images, training labels, test images and test labels.
pub(super) struct MnistFiles<'m> {
    files: [&'m File; 4],
    height: u32,
    width: u32,
}

/// Returns the files of a dataset in this form; `None` of one in another.
pub(super) fn files(manifest: &Manifest) -> Option<MnistFiles<'_>> {
    let Shape::Image { channels: 1, height, width } = manifest.geometry.shape else { return None };
    if manifest.format != "idx" || manifest.geometry.classes > 256 || manifest.held_out.is_some() {
        return None;
    }
    match (manifest.train.files.as_slice(), manifest.test.files.as_slice()) {
        ([a, b], [c, d]) => Some(MnistFiles { files: [a, b, c, d], height, width }),
        _ => None,
    }
}

/// Reads such a dataset.
///
/// # Errors
/// Returns an error if a file is not of these sizes, names no class, or is not the one of the manifest.
pub(super) fn read(
    manifest: &Manifest,
    MnistFiles { files, height, width }: MnistFiles<'_>,
    found: &Found,
) -> Result<Dataset, Error> {
    let [train_images, train_labels, test_images, test_labels] = files;
    let split = |images, labels, count| -> Result<Split, Error> {
        let images = read_file(manifest, found, images, [count, height, width], |_| Ok(()))?;
        let labels = read_file(manifest, found, labels, [count], |labels| {
            labels.expect_classes(manifest.geometry.classes)
        })?;
        Ok(Split {
            shape: manifest.geometry.shape,
            values: Values::Bytes(Buffer::Owned(images.elements)),
            labels: Buffer::Owned(labels.elements.into_iter().map(u16::from).collect()),
        })
    };
    let train = split(train_images, train_labels, manifest.train.samples)?;
    let test = split(test_images, test_labels, manifest.test.samples)?;
    Ok(Dataset::of(manifest, train, test))
}

fn read_file<const N: usize>(
    manifest: &Manifest,
    found: &Found,
    file: &File,
    shape: [u32; N],
    check: impl Fn(&Array<N>) -> Result<(), IdxProblem>,
) -> Result<Array<N>, Error> {
    let path = found.path(file).unwrap_or_else(|| found.folder.join(file.name()));
    let opened = files::open(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    // One byte more shows that there are too many.
    let array = gzip::unpacked(opened, idx::size(shape) + 1)
        .map_err(IdxProblem::Io)
        .and_then(|content| idx::read(&content[..], shape))
        .and_then(|array| check(&array).map(|()| array))
        .map_err(|problem| Error::Malformed {
            path: path.clone(),
            dataset: manifest.name.clone(),
            problem,
        })?;
    match &file.sha256 {
        Some(expected) if *expected != array.sha256 => Err(Error::WrongDigest {
            path,
            dataset: manifest.name.clone(),
            expected: expected.clone(),
            found: array.sha256,
        }),
        _ => Ok(array),
    }
}
