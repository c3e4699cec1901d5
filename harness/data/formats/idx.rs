//! `idx`: the files of MNIST (Yann LeCun, "The MNIST database"), gzipped or not: two zero bytes, a type, the number of
//! dimensions, each dimension as a big-endian `u32`, then the elements, last dimension fastest.
//!
//! A split is a file of samples and one of labels. Samples are grey images (sample, row, column) or images (sample,
//! channel, row, column) of bytes, or sequences (sample, step, feature) of floats. A folder alone is one like
//! torchvision's `MNIST/raw`, with the four files of MNIST.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::DataFormat;
use super::check::room;
use super::error::{FilePlace, FormatError};
use super::source::{Contents, Decoded, DecodedValues, SampleSource};
use crate::data::gzip;
use crate::data::locate::path_in;
use crate::files;
use crate::recipe::shape::Shape;

pub(super) const FORMAT: DataFormat = DataFormat { name: "idx", recognizes, decode };

/// The names of MNIST's files, training images and labels first.
const MNIST: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// The types of elements, and how many bytes each takes.
const TYPES: [(u8, usize); 5] = [(UNSIGNED_BYTE, 1), (SIGNED_BYTE, 1), (SHORT, 2), (INT, 4), (FLOAT, 4)];
const UNSIGNED_BYTE: u8 = 0x08;
const SIGNED_BYTE: u8 = 0x09;
const SHORT: u8 = 0x0b;
const INT: u8 = 0x0c;
const FLOAT: u8 = 0x0d;

/// The content of an IDX file.
struct IdxArray {
    kind: u8,
    shape: Vec<u32>,
    bytes: Vec<u8>,
}

fn recognizes(path: &Path) -> bool {
    if path.is_dir() {
        return MNIST.iter().all(|name| path_in(path, name).is_some());
    }
    let mut magic = [0; 4];
    let is_begun = opened(path).is_ok_and(|mut reader| reader.read_exact(&mut magic).is_ok());
    is_begun
        && magic[..2] == [0, 0]
        && TYPES.iter().any(|(kind, _)| *kind == magic[2])
        && (1..=4).contains(&magic[3])
}

fn decode(source: &SampleSource) -> Result<Contents, FormatError> {
    if let [folder] = source.train.as_slice()
        && folder.is_dir()
    {
        let files = MNIST.map(|name| path_in(folder, name).unwrap_or_else(|| folder.join(name)));
        let [train, test] = [&files[..2], &files[2..]].map(<[PathBuf]>::to_vec);
        return decode(&SampleSource { train, test, ..source.clone() });
    }
    let train = split(source, &source.train)?;
    let test = if source.test.is_empty() { None } else { Some(split(source, &source.test)?) };
    Ok(Contents { train, test, classes: None })
}

fn split(source: &SampleSource, files: &[PathBuf]) -> Result<Decoded, FormatError> {
    let [samples, labels] = files else {
        let path = files.first().cloned().unwrap_or_default();
        let text = format!(
            "{} files; give the file of the samples and the one of their labels, in this order",
            files.len()
        );
        return Err(FormatError::of(&path, text));
    };
    let (shape, values) = values(source, samples)?;
    Ok(Decoded { shape, values, labels: classes(source, labels)? })
}

fn values(source: &SampleSource, path: &Path) -> Result<(Shape, DecodedValues), FormatError> {
    let IdxArray { kind, shape, bytes } = read(source, path)?;
    match (kind, shape.as_slice()) {
        (UNSIGNED_BYTE, &[_, height, width]) => {
            Ok((Shape::Image { channels: 1, height, width }, DecodedValues::Bytes(bytes)))
        }
        (UNSIGNED_BYTE, &[_, channels, height, width]) => {
            Ok((Shape::Image { channels, height, width }, DecodedValues::Bytes(bytes)))
        }
        (FLOAT, &[_, steps, features]) => {
            let floats = bytes.as_chunks::<4>().0.iter().map(|word| f32::from_be_bytes(*word)).collect();
            Ok((Shape::Sequence { steps, features }, DecodedValues::Floats(floats)))
        }
        (kind, shape) => {
            let text = format!(
                "elements of type {kind:#04x} in the dimensions {shape:?} are no samples; give bytes (0x08) as [samples, \
                 rows, columns] or [samples, channels, rows, columns], or floats (0x0d) as [samples, steps, features]"
            );
            Err(FormatError::of(path, text))
        }
    }
}

fn classes(source: &SampleSource, path: &Path) -> Result<Vec<u16>, FormatError> {
    let IdxArray { kind, shape, bytes } = read(source, path)?;
    let whole: Vec<i64> = match (kind, shape.len()) {
        (UNSIGNED_BYTE, 1) => return Ok(bytes.into_iter().map(u16::from).collect()),
        (SIGNED_BYTE, 1) => bytes.iter().map(|byte| i64::from(*byte as i8)).collect(),
        (SHORT, 1) => bytes.as_chunks::<2>().0.iter().map(|word| i16::from_be_bytes(*word).into()).collect(),
        (INT, 1) => bytes.as_chunks::<4>().0.iter().map(|word| i32::from_be_bytes(*word).into()).collect(),
        _ => {
            let text = format!(
                "elements of type {kind:#04x} in the dimensions {shape:?} are no labels; give whole numbers as [samples]"
            );
            return Err(FormatError::of(path, text));
        }
    };
    let label = |(sample, label): (usize, &i64)| {
        u16::try_from(*label).map_err(|_| {
            FormatError::at(
                path,
                FilePlace::Sample(sample),
                format!("label {label} is no class; number them from 0"),
            )
        })
    };
    whole.iter().enumerate().map(label).collect()
}

/// Reads a whole file. Memory grows with the bytes that are really there, and never beyond what is allowed.
fn read(source: &SampleSource, path: &Path) -> Result<IdxArray, FormatError> {
    let mut reader = opened(path)?;
    let mut bytes = |count: u64| -> Result<Vec<u8>, FormatError> {
        let mut bytes = Vec::new();
        reader.by_ref().take(count).read_to_end(&mut bytes).map_err(|error| FormatError::of(path, error))?;
        Ok(bytes)
    };
    let magic = bytes(4)?;
    let &[0, 0, kind, dimensions] = magic.as_slice() else {
        return Err(FormatError::of(path, format!("not an IDX file: it starts with {magic:02x?}")));
    };
    let size = TYPES.iter().find(|(known, _)| *known == kind).map(|(_, size)| *size as u64);
    let (Some(size), 1..=4) = (size, dimensions) else {
        let text = format!(
            "type {kind:#04x} in {dimensions} dimensions is not read; give bytes or floats in 1 to 4"
        );
        return Err(FormatError::of(path, text));
    };
    let header = bytes(4 * u64::from(dimensions))?;
    let shape: Vec<u32> = header.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word)).collect();
    if shape.len() != usize::from(dimensions) {
        return Err(FormatError::of(path, "truncated: it ends within its header"));
    }
    let samples = u64::from(shape[0]);
    let each = shape[1..].iter().fold(size, |product, side| product.saturating_mul((*side).into()));
    // Labels are held in two bytes each, which `room` adds, whatever they take in the file.
    room(source, path, samples, if shape.len() == 1 { 0 } else { each })?;
    let expected = samples * each;
    let elements = bytes(expected + 1)?;
    let found = elements.len() as u64;
    let start = 4 + 4 * u64::from(dimensions);
    if found < expected {
        let text = format!("truncated: it ends after {} of {} bytes", start + found, start + expected);
        return Err(FormatError::of(path, text));
    }
    if found > expected {
        return Err(FormatError::of(
            path,
            format!("bytes follow the {} that its header promises", start + expected),
        ));
    }
    Ok(IdxArray { kind, shape, bytes: elements })
}

/// Opens a file, which is unpacked as it is read if it is gzip's.
fn opened(path: &Path) -> Result<Box<dyn Read>, FormatError> {
    let reader = files::open(path).and_then(|file| gzip::reader(BufReader::new(file)));
    reader.map_err(|error| FormatError::of(path, error))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;
    use crate::data::formats::tests::{TestFolder, said};

    fn file(kind: u8, shape: &[u32], elements: &[u8]) -> Vec<u8> {
        let sizes = shape.iter().flat_map(|size| size.to_be_bytes());
        [0, 0, kind, shape.len() as u8].into_iter().chain(sizes).chain(elements.iter().copied()).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn images_of_one_or_more_channels_and_sequences_are_read() {
        let place = TestFolder::new();
        let labels = place.file("labels", &file(8, &[2], &[1, 0]));
        let grey = place.file("grey", &gzip(&file(8, &[2, 1, 2], &[1, 2, 3, 4])));
        let read = FORMAT.read(&place.source(&[&grey, &labels])).unwrap();
        let shape = Shape::Image { channels: 1, height: 1, width: 2 };
        assert_eq!(
            read.train,
            Decoded { shape, values: DecodedValues::Bytes(vec![1, 2, 3, 4]), labels: vec![1, 0] }
        );
        assert!(recognizes(&grey) && recognizes(&labels));

        let colour = place.file("colour", &file(8, &[2, 3, 1, 1], &[1, 2, 3, 4, 5, 6]));
        let shape = FORMAT.read(&place.source(&[&colour, &labels])).unwrap().train.shape;
        assert_eq!(shape, Shape::Image { channels: 3, height: 1, width: 1 });

        let floats: Vec<u8> = [0.5f32, -1.0].iter().flat_map(|value| value.to_be_bytes()).collect();
        let sequence = place.file("sequence", &file(0x0d, &[2, 1, 1], &floats));
        let ints = place.file("ints", &file(0x0c, &[2], &[0, 0, 0, 0, 0, 0, 0, 1]));
        let read = FORMAT.read(&place.source(&[&sequence, &ints])).unwrap().train;
        assert_eq!(read.values, DecodedValues::Floats(vec![0.5, -1.0]));
        assert_eq!(read.labels, [0, 1]);
    }

    #[test]
    fn each_mistake_is_named() {
        let place = TestFolder::new();
        let labels = place.file("labels", &file(8, &[2], &[1, 0]));
        let images = file(8, &[2, 1, 2], &[1, 2, 3, 4]);
        let problem = |bytes: &[u8]| {
            let path = place.file("images", bytes);
            said(FORMAT.read(&place.source(&[&path, &labels])))
        };
        assert_eq!(problem(&images[..18]), "images: truncated: it ends after 18 of 20 bytes");
        assert_eq!(problem(&images[..9]), "images: truncated: it ends within its header");
        assert_eq!(
            problem(&[&images[..], &[0]].concat()),
            "images: bytes follow the 20 that its header promises"
        );
        assert_eq!(problem(b"PNG"), "images: not an IDX file: it starts with [50, 4e, 47]");
        assert_eq!(
            problem(&file(8, &[u32::MAX, 28, 28], &[])),
            "images: its samples take 3375844293870 bytes, and at most 1048576 are allowed; take fewer or smaller samples"
        );
        assert_eq!(problem(&file(8, &[1, 1, 2], &[1, 2])), "images: there are 2 labels for 1 samples");
        let one = place.file("one", &images);
        assert_eq!(
            said(FORMAT.read(&place.source(&[&one]))),
            "one: 1 files; give the file of the samples and the one of their labels, in this order"
        );
        // Labels of four bytes take two in memory: they are no larger than their samples.
        let tiny = place.file("tiny", &file(8, &[2, 1, 1], &[1, 2]));
        let ints = place.file("ints", &file(0x0c, &[2], &[0, 0, 0, 0, 0, 0, 0, 1]));
        assert!(FORMAT.read(&SampleSource { most_bytes: 2 * 3, ..place.source(&[&tiny, &ints]) }).is_ok());
        let negative = place.file("negative", &file(9, &[2], &[0, 255]));
        assert_eq!(
            said(FORMAT.read(&place.source(&[&one, &negative]))),
            "negative, sample 1: label -1 is no class; number them from 0"
        );
    }
}
