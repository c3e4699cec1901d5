//! `cifar`: CIFAR-10 and CIFAR-100 in their binary version (Krizhevsky 2009, <https://www.cs.toronto.edu/~kriz/cifar.html>):
//! records of one label, or of a coarse and a fine one, and 3 x 32 x 32 bytes. Of CIFAR-100 the fine label counts.
//!
//! A folder alone is one as it is unpacked, with both splits and the names of the classes.

use std::path::{Path, PathBuf};

use super::DataFormat;
use super::check::room;
use super::error::{FilePlace, FormatError};
use super::source::{Contents, Decoded, DecodedValues, SampleSource};
use crate::files;
use crate::recipe::shape::Shape;

pub(super) const FORMAT: DataFormat = DataFormat { name: "cifar", recognizes, decode };

const SHAPE: Shape = Shape::Image { channels: 3, height: 32, width: 32 };
const PIXELS: usize = 3 * 32 * 32;

/// The training files, the test file and the names of the classes, below a folder as it is unpacked.
const FOLDERS: [(&[&str], &str, &str); 2] = [
    (
        &["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"],
        "test_batch.bin",
        "batches.meta.txt",
    ),
    (&["train.bin"], "test.bin", "fine_label_names.txt"),
];

/// The number of labels of a record, and the number of classes.
#[derive(Clone, Copy)]
struct CifarForm {
    labels: usize,
    classes: u8,
}

const FORMS: [CifarForm; 2] = [CifarForm { labels: 1, classes: 10 }, CifarForm { labels: 2, classes: 100 }];

impl CifarForm {
    fn record(self) -> usize {
        self.labels + PIXELS
    }

    /// Returns the form of a file of so many bytes that begins with these; `None` if it is in neither.
    fn of(size: u64, first: &[u8]) -> Option<CifarForm> {
        FORMS.into_iter().find(|form| {
            let label = first.get(form.labels - 1).copied();
            size > 0
                && size.is_multiple_of(form.record() as u64)
                && label.is_some_and(|label| label < form.classes)
        })
    }
}

fn recognizes(path: &Path) -> bool {
    if path.is_dir() {
        return folder(path).is_some();
    }
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let is_size = FORMS.iter().any(|form| size > 0 && size.is_multiple_of(form.record() as u64));
    is_size && files::read(path, size).is_ok_and(|bytes| records(path, &bytes).is_ok())
}

/// Returns the training files, the test file and the file of names of a folder as it is unpacked.
fn folder(path: &Path) -> Option<(Vec<PathBuf>, PathBuf, PathBuf)> {
    let (train, test, names) =
        FOLDERS.iter().find(|(_, test, names)| path.join(test).exists() && path.join(names).exists())?;
    Some((train.iter().map(|name| path.join(name)).collect(), path.join(test), path.join(names)))
}

fn decode(source: &SampleSource) -> Result<Contents, FormatError> {
    if let [only] = source.train.as_slice()
        && only.is_dir()
    {
        let Some((train, test, names)) = folder(only) else {
            let text = "no folder of CIFAR's binary version; it lacks batches.meta.txt or fine_label_names.txt beside the files";
            return Err(FormatError::of(only, text));
        };
        let text = files::read_text(&names, files::SUITE).map_err(|error| FormatError::of(&names, error))?;
        let classes =
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let contents = decode(&SampleSource { train, test: vec![test], ..source.clone() })?;
        return Ok(Contents { classes: Some(classes), ..contents });
    }
    let train = split(source, &source.train)?;
    let test = if source.test.is_empty() { None } else { Some(split(source, &source.test)?) };
    Ok(Contents { train, test, classes: None })
}

fn split(source: &SampleSource, paths: &[PathBuf]) -> Result<Decoded, FormatError> {
    let mut values = Vec::new();
    let mut labels = Vec::new();
    for path in paths {
        let size = std::fs::metadata(path).map_err(|error| FormatError::of(path, error))?.len();
        let before = labels.len() as u64;
        room(source, path, before + size / PIXELS as u64, PIXELS as u64)?;
        let bytes = files::read(path, size).map_err(|error| FormatError::of(path, error))?;
        for (label, pixels) in records(path, &bytes)? {
            labels.push(u16::from(label));
            values.extend_from_slice(pixels);
        }
    }
    Ok(Decoded { shape: SHAPE, values: DecodedValues::Bytes(values), labels })
}

/// Returns the class and the pixels of each record.
fn records<'b>(path: &Path, bytes: &'b [u8]) -> Result<Vec<(u8, &'b [u8])>, FormatError> {
    let Some(form) = CifarForm::of(bytes.len() as u64, bytes) else {
        let [one, two] = FORMS.map(CifarForm::record);
        let text = format!(
            "its {} bytes are no records of {one} bytes (CIFAR-10) or {two} bytes (CIFAR-100)",
            bytes.len()
        );
        return Err(FormatError::of(path, text));
    };
    let record = |(sample, record): (usize, &'b [u8])| {
        let (labels, pixels) = record.split_at(form.labels);
        let label = labels[form.labels - 1];
        if label < form.classes {
            return Ok((label, pixels));
        }
        let text = format!("label {label} is not from 0 to {}", form.classes - 1);
        Err(FormatError::at(path, FilePlace::Sample(sample), text))
    };
    bytes.chunks_exact(form.record()).enumerate().map(record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::formats::tests::{TestFolder, said};

    fn record(labels: &[u8], fill: u8) -> Vec<u8> {
        [labels, &[fill; PIXELS]].concat()
    }

    #[test]
    fn a_folder_as_it_is_unpacked_has_both_splits_and_the_names() {
        let place = TestFolder::new();
        let both = [record(&[0, 1], 7), record(&[9, 0], 8)].concat();
        place.file("c/train.bin", &both);
        place.file("c/test.bin", &record(&[3, 1], 9));
        place.file("c/fine_label_names.txt", b"apple\nbear\n");
        let folder = place.path("c");
        assert!(recognizes(&folder) && recognizes(&folder.join("train.bin")));
        let read = FORMAT.read(&place.source(&[&folder])).unwrap();
        assert_eq!((read.train.shape, read.train.labels), (SHAPE, vec![1, 0]));
        assert_eq!(read.test.unwrap().values, DecodedValues::Bytes(vec![9; PIXELS]));
        assert_eq!(read.classes.unwrap(), ["apple", "bear"]);
    }

    #[test]
    fn each_mistake_is_named() {
        let place = TestFolder::new();
        let problem = |bytes: &[u8]| {
            let path = place.file("batch.bin", bytes);
            said(FORMAT.read(&place.source(&[&path])))
        };
        assert_eq!(
            problem(&[0; 100]),
            "batch.bin: its 100 bytes are no records of 3073 bytes (CIFAR-10) or 3074 bytes (CIFAR-100)"
        );
        let second = [record(&[0], 1), record(&[10], 1)].concat();
        assert_eq!(problem(&second), "batch.bin, sample 1: label 10 is not from 0 to 9");
        assert_eq!(
            problem(&[record(&[0], 1), record(&[2], 1)].concat()),
            "batch.bin: class 1 has no training sample; number the classes from 0 without gaps"
        );
    }
}
