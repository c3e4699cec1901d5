//! `cifar`: CIFAR-10 and CIFAR-100 in their binary version (Krizhevsky 2009, <https://www.cs.toronto.edu/~kriz/cifar.html>):
//! records of one label, or of a coarse and a fine one, and 3 x 32 x 32 bytes. Of CIFAR-100 the fine label counts.
//!
//! A folder alone is one as it is unpacked, with both splits and the names of the classes.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::DataFormat;
use super::check::room;
use super::elements::blocks;
use super::error::{FilePlace, FormatError};
use super::source::{Contents, Decoded, DecodedValues, SampleSource};
use crate::files;
use crate::recipe::shape::Shape;

pub(super) const FORMAT: DataFormat = DataFormat { name: "cifar", recognizes, decode };

const SHAPE: Shape = Shape::Image { channels: 3, height: 32, width: 32 };
const PIXELS: usize = 3 * 32 * 32;
/// The number of coarse classes of CIFAR-100.
const COARSE: u8 = 20;

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

    /// Returns whether a file of so many bytes may hold records of this form.
    fn fits(self, bytes: u64) -> bool {
        bytes > 0 && bytes.is_multiple_of(self.record() as u64)
    }

    /// Returns the first record with a label that is none, and that label.
    fn mistake(self, file: &File, bytes: u64) -> io::Result<Option<(usize, u8)>> {
        let record = self.record() as u64;
        let mut labels = [0; 2];
        let labels = &mut labels[..self.labels];
        for sample in 0..bytes / record {
            file.read_exact_at(labels, sample * record)?;
            let is_coarse_sound = self.labels == 1 || labels[0] < COARSE;
            let label = labels[self.labels - 1];
            if !is_coarse_sound || label >= self.classes {
                return Ok(Some((sample as usize, if is_coarse_sound { label } else { labels[0] })));
            }
        }
        Ok(None)
    }
}

fn recognizes(path: &Path) -> bool {
    if path.is_dir() { folder(path).is_some() } else { form(&[path]).is_ok() }
}

/// Returns the form that all files are in: the first in which each has whole records with sound labels.
fn form(paths: &[&Path]) -> Result<CifarForm, FormatError> {
    let mut files = Vec::new();
    for path in paths {
        let opened = files::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (bytes, file) = opened.map_err(|error| FormatError::of(path, error))?;
        if !FORMS.iter().any(|form| form.fits(bytes)) {
            let [one, two] = FORMS.map(CifarForm::record);
            let text = format!(
                "its {bytes} bytes are no records of {one} bytes (CIFAR-10) or {two} bytes (CIFAR-100)"
            );
            return Err(FormatError::of(path, text));
        }
        files.push((path, file, bytes));
    }
    let mut first_mistake = None;
    for form in FORMS.into_iter().filter(|form| files.iter().all(|(.., bytes)| form.fits(*bytes))) {
        let mut mistake = None;
        for (path, file, bytes) in &files {
            let found = form.mistake(file, *bytes).map_err(|error| FormatError::of(path, error))?;
            if let Some((sample, label)) = found {
                let text = format!("label {label} is none of the {} classes", form.classes);
                mistake = Some(FormatError::at(path, FilePlace::Sample(sample), text));
                break;
            }
        }
        match mistake {
            None => return Ok(form),
            Some(mistake) => first_mistake = first_mistake.or(Some(mistake)),
        }
    }
    Err(first_mistake.unwrap_or_else(|| {
        let path = paths.last().copied().unwrap_or(Path::new(""));
        FormatError::of(
            path,
            "the files before it are not of the same one of CIFAR-10 and CIFAR-100; give files of one",
        )
    }))
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
    let paths: Vec<&Path> = source.train.iter().chain(&source.test).map(PathBuf::as_path).collect();
    let form = form(&paths)?;
    let train = split(source, form, &source.train)?;
    let test = if source.test.is_empty() {
        None
    } else {
        Some(split(&source.after(train.bytes()), form, &source.test)?)
    };
    Ok(Contents { train, test, classes: None })
}

fn split(source: &SampleSource, form: CifarForm, paths: &[PathBuf]) -> Result<Decoded, FormatError> {
    let mut values = Vec::new();
    let mut labels = Vec::new();
    for path in paths {
        let file = files::open(path).map_err(|error| FormatError::of(path, error))?;
        let bytes = file.metadata().map_err(|error| FormatError::of(path, error))?.len();
        let samples = bytes / form.record() as u64;
        room(source, labels.len() as u64 + samples, PIXELS as u64)
            .map_err(|problem| FormatError::of(path, problem))?;
        values.reserve_exact(samples as usize * PIXELS);
        let take = |record: &[u8]| {
            if let Some((own, pixels)) = record.split_at_checked(form.labels)
                && pixels.len() == PIXELS
            {
                labels.push(u16::from(own[form.labels - 1]));
                values.extend_from_slice(pixels);
            }
        };
        blocks(file, samples * form.record() as u64, form.record(), take)
            .map_err(|error| FormatError::of(path, error))?;
    }
    Ok(Decoded { shape: SHAPE, values: DecodedValues::Bytes(values), labels })
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
        assert_eq!(problem(&second), "batch.bin, sample 1: label 10 is none of the 10 classes");
        assert_eq!(
            problem(&[record(&[0], 1), record(&[2], 1)].concat()),
            "batch.bin: class 1 has no training sample; number the classes from 0 without gaps"
        );
    }

    #[test]
    fn all_files_are_of_one_form_told_by_all_labels() {
        let place = TestFolder::new();
        let ten = place.file("ten.bin", &record(&[0], 1));
        let hundred = place.file("hundred.bin", &record(&[0, 0], 1));
        assert_eq!(
            said(FORMAT.read(&place.source(&[&ten, &hundred]))),
            "hundred.bin: the files before it are not of the same one of CIFAR-10 and CIFAR-100; give files of one"
        );
        // A length that both forms have: only the labels tell.
        let many: Vec<u8> = (0..3073).flat_map(|_| record(&[0, 0], 200)).collect();
        let both = place.file("both.bin", &many);
        assert!(FORMS.iter().all(|form| form.fits(many.len() as u64)));
        let source = SampleSource { most_bytes: 1 << 24, ..place.source(&[&both]) };
        assert!(recognizes(&both));
        assert_eq!(FORMAT.read(&source).unwrap().train.labels, [0; 3073]);
        let coarse = place.file("coarse.bin", &record(&[20, 0], 1));
        assert_eq!(
            said(FORMAT.read(&place.source(&[&coarse]))),
            "coarse.bin, sample 0: label 20 is none of the 100 classes"
        );
    }

    #[test]
    fn both_splits_share_the_memory_that_is_allowed() {
        let place = TestFolder::new();
        let one = place.file("one.bin", &record(&[0], 1));
        let most_bytes = PIXELS as u64 * 2 + 3;
        let source = SampleSource { test: vec![one.clone()], most_bytes, ..place.source(&[&one]) };
        assert_eq!(
            said(FORMAT.read(&source)),
            "one.bin: its samples take 3074 bytes, and at most 3073 are allowed; take fewer or smaller samples"
        );
        assert!(FORMAT.read(&SampleSource { most_bytes: most_bytes + 1, ..source }).is_ok());
    }
}
