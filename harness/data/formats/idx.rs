//! `idx`: the files of MNIST (Yann LeCun, "The MNIST database"), gzipped or not: two zero bytes, a type, the number of
//! dimensions, each dimension as a big-endian `u32`, then the elements, last dimension fastest.
//!
//! A split is a file of samples and one of labels. Samples are grey images (sample, row, column) or images (sample,
//! channel, row, column) of bytes, or sequences (sample, step, feature) of floats. A folder alone is one like
//! torchvision's `MNIST/raw`, with the four files of MNIST.

use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use super::DataFormat;
use super::check::{room, sample};
use super::elements::{BLOCK, blocks, list};
use super::error::{FilePlace, FormatError};
use super::source::{Contents, Decoded, DecodedValues, SampleSource};
use crate::data::gzip;
use crate::data::locate::path_in;
use crate::files;
use crate::recipe::MOST_CLASSES;
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

/// An IDX file of which the header is read.
struct IdxFile {
    reader: Box<dyn Read>,
    kind: u8,
    /// The number of bytes of an element.
    size: usize,
    shape: Vec<u32>,
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
    let test =
        if source.test.is_empty() { None } else { Some(split(&source.after(train.bytes()), &source.test)?) };
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
    let of_samples = IdxFile::open(samples)?;
    let of_labels = IdxFile::open(labels)?;
    let shape = of_samples.sample(samples)?;
    of_labels.expect_labels(labels)?;
    let [count, label_count] = [of_samples.count(), of_labels.count()];
    room(source, count, shape.values().saturating_mul(of_samples.size as u64))
        .map_err(|problem| FormatError::of(samples, problem))?;
    if count != label_count {
        return Err(FormatError::of(samples, format!("there are {label_count} labels for {count} samples")));
    }
    Ok(Decoded { shape, values: of_samples.values(samples)?, labels: of_labels.classes(labels)? })
}

impl IdxFile {
    /// Opens a file and reads its header.
    fn open(path: &Path) -> Result<Self, FormatError> {
        let mut reader = opened(path)?;
        let mut bytes = |count: usize| -> Result<Vec<u8>, FormatError> {
            let mut bytes = Vec::new();
            let read = reader.by_ref().take(count as u64).read_to_end(&mut bytes);
            read.map_err(|error| FormatError::of(path, error))?;
            Ok(bytes)
        };
        let magic = bytes(4)?;
        let &[0, 0, kind, dimensions] = magic.as_slice() else {
            return Err(FormatError::of(path, format!("not an IDX file: it starts with {magic:02x?}")));
        };
        let size = TYPES.iter().find(|(known, _)| *known == kind).map(|(_, size)| *size);
        let (Some(size), 1..=4) = (size, dimensions) else {
            let text = format!(
                "type {kind:#04x} in {dimensions} dimensions is not read; give bytes or floats in 1 to 4"
            );
            return Err(FormatError::of(path, text));
        };
        let header = bytes(4 * usize::from(dimensions))?;
        let shape: Vec<u32> =
            header.as_chunks::<4>().0.iter().map(|word| u32::from_be_bytes(*word)).collect();
        if shape.len() != usize::from(dimensions) {
            return Err(FormatError::of(path, "truncated: it ends within its header"));
        }
        Ok(IdxFile { reader, kind, size, shape })
    }

    fn count(&self) -> u64 {
        self.shape.first().copied().unwrap_or_default().into()
    }

    /// Returns the shape of a sample.
    fn sample(&self, path: &Path) -> Result<Shape, FormatError> {
        let shape = match (self.kind, self.shape.as_slice()) {
            (UNSIGNED_BYTE, &[_, height, width]) => Shape::Image { channels: 1, height, width },
            (UNSIGNED_BYTE, &[_, channels, height, width]) => Shape::Image { channels, height, width },
            (FLOAT, &[_, steps, features]) => Shape::Sequence { steps, features },
            (kind, shape) => {
                let text = format!(
                    "elements of type {kind:#04x} in the dimensions {shape:?} are no samples; give bytes (0x08) as \
                     [samples, rows, columns] or [samples, channels, rows, columns], or floats (0x0d) as [samples, \
                     steps, features]"
                );
                return Err(FormatError::of(path, text));
            }
        };
        sample(shape).map_err(|problem| FormatError::of(path, problem))?;
        Ok(shape)
    }

    fn expect_labels(&self, path: &Path) -> Result<(), FormatError> {
        if self.shape.len() == 1 && self.kind != FLOAT {
            return Ok(());
        }
        let text = format!(
            "elements of type {:#04x} in the dimensions {:?} are no labels; give whole numbers as [samples]",
            self.kind, self.shape
        );
        Err(FormatError::of(path, text))
    }

    fn values(self, path: &Path) -> Result<DecodedValues, FormatError> {
        let elements = self.shape.iter().map(|side| u64::from(*side)).product();
        if self.kind == FLOAT {
            let mut floats = list(elements).map_err(|problem| FormatError::of(path, problem))?;
            self.read(path, |block| {
                floats.extend(block.as_chunks::<4>().0.iter().map(|word| f32::from_be_bytes(*word)));
            })?;
            return Ok(DecodedValues::Floats(floats));
        }
        let mut bytes = list(elements).map_err(|problem| FormatError::of(path, problem))?;
        self.read(path, |block| bytes.extend_from_slice(block))?;
        Ok(DecodedValues::Bytes(bytes))
    }

    fn classes(self, path: &Path) -> Result<Vec<u16>, FormatError> {
        let mut labels = list(self.count()).map_err(|problem| FormatError::of(path, problem))?;
        let mut wrong = None;
        let kind = self.kind;
        let size = self.size;
        self.read(path, |block| {
            for element in block.chunks_exact(size) {
                let label = match (kind, element) {
                    (SIGNED_BYTE, &[byte]) => i64::from(byte as i8),
                    (SHORT, &[high, low]) => i16::from_be_bytes([high, low]).into(),
                    (INT, &[a, b, c, d]) => i32::from_be_bytes([a, b, c, d]).into(),
                    _ => element.first().copied().unwrap_or_default().into(),
                };
                if label < 0 || label >= MOST_CLASSES.into() {
                    wrong = wrong.or(Some((labels.len(), label)));
                }
                labels.push(label as u16);
            }
        })?;
        match wrong {
            None => Ok(labels),
            Some((sample, label)) => {
                let text =
                    format!("label {label} is no class; number them from 0, at most to {}", MOST_CLASSES - 1);
                Err(FormatError::at(path, FilePlace::Sample(sample), text))
            }
        }
    }

    /// Hands on all elements. There must be as many as the header promises.
    fn read(self, path: &Path, take: impl FnMut(&[u8])) -> Result<(), FormatError> {
        let expected =
            self.shape.iter().fold(self.size as u64, |bytes, side| bytes.saturating_mul((*side).into()));
        let found =
            blocks(self.reader, expected, BLOCK, take).map_err(|error| FormatError::of(path, error))?;
        let header = 4 + 4 * self.shape.len() as u64;
        if found < expected {
            let text = format!("truncated: it ends after {} of {} bytes", header + found, header + expected);
            return Err(FormatError::of(path, text));
        }
        if found > expected {
            let text = format!("bytes follow the {} that its header promises", header + expected);
            return Err(FormatError::of(path, text));
        }
        Ok(())
    }
}

/// Opens a file, which is unpacked as it is read if it is gzip's.
fn opened(path: &Path) -> Result<Box<dyn Read>, FormatError> {
    let opened = files::open(path).and_then(|file| gzip::reader(BufReader::new(file)));
    opened.map_err(|error| FormatError::of(path, error))
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
        assert_eq!(
            problem(&file(8, &[2, 65536, 65536], &[])),
            "images: its samples are 1 x 65536 x 65536, and may have from 1 to 16777216 values"
        );
        assert_eq!(problem(&file(8, &[1, 1, 2], &[1, 2])), "images: there are 2 labels for 1 samples");
        assert_eq!(
            problem(&file(8, &[2], &[1, 2])),
            "images: elements of type 0x08 in the dimensions [2] are no samples; give bytes (0x08) as [samples, rows, \
             columns] or [samples, channels, rows, columns], or floats (0x0d) as [samples, steps, features]"
        );
        let packed = gzip(&images);
        assert_eq!(problem(&packed[..packed.len() - 9]), "images: cannot be read: its gzip data is cut off");
        let mut damaged = packed.clone();
        let checksum = damaged.len() - 8;
        damaged[checksum] ^= 1;
        assert!(problem(&damaged).starts_with("images: cannot be read: its gzip data is damaged ("));
        let one = place.file("one", &images);
        assert_eq!(
            said(FORMAT.read(&place.source(&[&one]))),
            "one: 1 files; give the file of the samples and the one of their labels, in this order"
        );
        let negative = place.file("negative", &file(9, &[2], &[0, 255]));
        assert_eq!(
            said(FORMAT.read(&place.source(&[&one, &negative]))),
            "negative, sample 1: label -1 is no class; number them from 0, at most to 999"
        );
    }

    #[test]
    fn padding_behind_gzip_data_is_no_part_of_the_file() {
        let place = TestFolder::new();
        let labels = place.file("labels", &file(8, &[2], &[1, 0]));
        let images = [gzip(&file(8, &[2, 1, 1], &[3])), gzip(&[4]), vec![0; 512]].concat();
        let images = place.file("images", &images);
        let read = FORMAT.read(&place.source(&[&images, &labels])).unwrap().train;
        assert_eq!(read.values, DecodedValues::Bytes(vec![3, 4]));
    }

    #[test]
    fn labels_of_four_bytes_take_no_more_than_those_of_one() {
        let place = TestFolder::new();
        let images = place.file("images", &file(8, &[2, 1, 1], &[3, 4]));
        let ints = place.file("ints", &file(INT, &[2], &[0, 0, 0, 0, 0, 0, 0, 1]));
        let source = SampleSource { most_bytes: 2 * 3, ..place.source(&[&images, &ints]) };
        assert_eq!(FORMAT.read(&source).unwrap().train.bytes(), 6);
        let paths = vec![images, ints];
        let both = SampleSource { test: paths.clone(), train: paths, most_bytes: 11, ..source };
        assert!(said(FORMAT.read(&both)).starts_with("images: its samples take 6 bytes, and at most 5"));
    }
}
