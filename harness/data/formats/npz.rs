//! `npz`: an archive of NumPy arrays (numpy.lib.format, version 1 to 3), as Keras ships its datasets: `x_train`,
//! `y_train`, `x_test` and `y_test`. A second file may hold the test split, as `x_test` and `y_test` or as `x` and `y`.
//!
//! Samples are grey images (sample, row, column) or images (sample, row, column, channel) of bytes, sequences (sample,
//! step, feature) of floats, or samples of one step (sample, feature). Labels are whole numbers.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::DataFormat;
use super::check::room;
use super::error::{FilePlace, FormatError};
use super::source::{Contents, Decoded, DecodedValues, SampleSource};
use crate::files;
use crate::recipe::shape::Shape;

pub(super) const FORMAT: DataFormat = DataFormat { name: "npz", recognizes, decode };

/// No header is longer.
const LONGEST_HEADER: u32 = 1 << 16;
/// Images have at most so many channels; more columns behind are none.
const MOST_CHANNELS: u32 = 4;

type NpzArchive = ZipArchive<BufReader<File>>;

/// An array as it lies in the archive.
struct NpyArray {
    kind: Kind,
    shape: Vec<u32>,
    bytes: Vec<u8>,
}

/// The type of an array's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    /// `u`, `i` or `f`, as NumPy writes it.
    class: u8,
    /// The number of bytes of an element.
    size: usize,
    is_big_endian: bool,
}

impl Kind {
    /// Returns the type that NumPy writes so (`<f4`, `|u1`); `None` if it is not read here.
    fn of(text: &str) -> Option<Kind> {
        let (order, rest) = text.split_at_checked(1)?;
        let (class, size) = rest.split_at_checked(1)?;
        let class = *class.as_bytes().first()?;
        let size = size.parse().ok()?;
        let is_known = match class {
            b'u' | b'i' => matches!(size, 1 | 2 | 4 | 8),
            b'f' => matches!(size, 4 | 8),
            _ => false,
        };
        (is_known && matches!(order, "<" | ">" | "|" | "=")).then_some(Kind {
            class,
            size,
            is_big_endian: order == ">",
        })
    }

    /// Returns the bytes of an element, the least significant first.
    fn word(self, bytes: &[u8]) -> [u8; 8] {
        let mut word = [0; 8];
        for (index, byte) in bytes.iter().take(8).enumerate() {
            word[if self.is_big_endian { bytes.len() - 1 - index } else { index }] = *byte;
        }
        word
    }
}

fn recognizes(path: &Path) -> bool {
    // Of one that is cut off only the begin is there to tell.
    let mut begin = [0; 4];
    let is_begun = files::open(path).is_ok_and(|mut file| file.read_exact(&mut begin).is_ok());
    is_begun && begin == *b"PK\x03\x04"
}

fn decode(source: &SampleSource) -> Result<Contents, FormatError> {
    let [path] = source.train.as_slice() else {
        let path = source.train.first().map_or(Path::new(""), |path| path);
        return Err(FormatError::of(
            path,
            format!("{} files; give one archive with x_train and y_train", source.train.len()),
        ));
    };
    let mut archive = opened(path)?;
    let train = split(source, path, &mut archive, [["x_train", "x"], ["y_train", "y"]])?;
    let test = match source.test.as_slice() {
        [] if has(&archive, "x_test") => {
            Some(split(source, path, &mut archive, [["x_test"; 2], ["y_test"; 2]])?)
        }
        [] => None,
        [test] => Some(split(source, test, &mut opened(test)?, [["x_test", "x"], ["y_test", "y"]])?),
        paths => return Err(FormatError::of(path, format!("{} test files; give one archive", paths.len()))),
    };
    Ok(Contents { train, test, classes: None })
}

fn opened(path: &Path) -> Result<NpzArchive, FormatError> {
    let file = files::open(path).map_err(|error| FormatError::of(path, error))?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => FormatError::of(path, error),
        error => FormatError::of(path, format!("no archive, or one that is cut off: {error}")),
    })
}

fn has(archive: &NpzArchive, name: &str) -> bool {
    archive.file_names().any(|member| member.strip_suffix(".npy") == Some(name))
}

/// Reads the samples and labels of these names, the second of each where the first is not there.
fn split(
    source: &SampleSource,
    path: &Path,
    archive: &mut NpzArchive,
    [samples, labels]: [[&str; 2]; 2],
) -> Result<Decoded, FormatError> {
    let find =
        |archive: &NpzArchive, names: [&str; 2]| match names.into_iter().find(|name| has(archive, name)) {
            Some(name) => Ok(format!("{name}.npy")),
            None => {
                let mut members: Vec<&str> = archive.file_names().collect();
                members.sort_unstable();
                let text = format!("no array `{}`; there are {}", names[0], members.join(", "));
                Err(FormatError::of(path, text))
            }
        };
    let name = find(archive, samples)?;
    let array = read(source, path, archive, &name)?;
    let (shape, values) =
        values(source, array).map_err(|text| FormatError::at(path, FilePlace::Member(name), text))?;
    let name = find(archive, labels)?;
    let array = read(source, path, archive, &name)?;
    let labels = classes(&array).map_err(|text| FormatError::at(path, FilePlace::Member(name), text))?;
    Ok(Decoded { shape, values, labels })
}

fn values(
    source: &SampleSource,
    NpyArray { kind, shape, bytes }: NpyArray,
) -> Result<(Shape, DecodedValues), String> {
    match (kind.class, kind.size, shape.as_slice()) {
        (b'u', 1, &[_, height, width]) => {
            Ok((Shape::Image { channels: 1, height, width }, DecodedValues::Bytes(bytes)))
        }
        (b'u', 1, &[_, height, width, channels @ 1..=MOST_CHANNELS]) => {
            let shape = Shape::Image { channels, height, width };
            Ok((shape, DecodedValues::Bytes(channels_first(&bytes, shape, channels as usize))))
        }
        (b'f', ..) => {
            let shape = match (shape.as_slice(), source.shape) {
                (&[_, steps, features], _) => Shape::Sequence { steps, features },
                (&[_, features], Some(shape))
                    if shape.values() == u64::from(features) && !shape.is_image() =>
                {
                    shape
                }
                (&[_, features], _) => Shape::Sequence { steps: 1, features },
                (shape, _) => {
                    return Err(format!(
                        "floats in the dimensions {shape:?}; give [samples, steps, features]"
                    ));
                }
            };
            let float = |bytes: &[u8]| match kind.size {
                4 => f32::from_bits(u64::from_le_bytes(kind.word(bytes)) as u32),
                _ => f64::from_bits(u64::from_le_bytes(kind.word(bytes))) as f32,
            };
            Ok((shape, DecodedValues::Floats(bytes.chunks_exact(kind.size).map(float).collect())))
        }
        (_, _, shape) => Err(format!(
            "elements of {} bits in the dimensions {shape:?}; give uint8 as [samples, rows, columns] or [samples, rows, \
             columns, channels] with up to {MOST_CHANNELS} channels, or float32 as [samples, steps, features]",
            8 * kind.size
        )),
    }
}

/// Returns images of which the channels of a pixel lie together with each channel whole.
fn channels_first(bytes: &[u8], shape: Shape, channels: usize) -> Vec<u8> {
    let size = shape.values().max(1) as usize;
    let mut turned = Vec::with_capacity(bytes.len());
    for image in bytes.chunks_exact(size) {
        (0..channels).for_each(|channel| turned.extend(image[channel..].iter().step_by(channels)));
    }
    turned
}

fn classes(NpyArray { kind, shape, bytes }: &NpyArray) -> Result<Vec<u16>, String> {
    if !matches!(shape.as_slice(), [_] | [_, 1]) || kind.class == b'f' {
        return Err(format!("labels in the dimensions {shape:?}; give whole numbers as [samples]"));
    }
    let label = |(sample, bytes): (usize, &[u8])| {
        let word = u64::from_le_bytes(kind.word(bytes));
        let unused = 64 - 8 * kind.size as u32;
        let label = if kind.class == b'i' { ((word << unused) as i64) >> unused } else { word as i64 };
        u16::try_from(label)
            .map_err(|_| format!("label {label} of sample {sample} is no class; number them from 0"))
    };
    bytes.chunks_exact(kind.size).enumerate().map(label).collect()
}

/// Reads a member whole. A header that promises more than is allowed is refused before anything behind it is read.
fn read(
    source: &SampleSource,
    path: &Path,
    archive: &mut NpzArchive,
    name: &str,
) -> Result<NpyArray, FormatError> {
    let fail = |text: String| FormatError::at(path, FilePlace::Member(name.to_owned()), text);
    let mut member = archive.by_name(name).map_err(|error| fail(format!("cannot be unpacked: {error}")))?;
    let promised = member.size();
    let mut take = |count: u64| -> Result<Vec<u8>, FormatError> {
        let mut bytes = Vec::new();
        let read = member.by_ref().take(count).read_to_end(&mut bytes);
        read.map_err(|error| fail(format!("cannot be unpacked: {error}")))?;
        Ok(bytes)
    };
    let begin = take(8)?;
    let (Some(b"\x93NUMPY"), Some(&[major, _])) =
        (begin.get(..6), begin.get(6..).and_then(|rest| rest.first_chunk::<2>()))
    else {
        return Err(fail("no NumPy array: it does not begin as one".to_owned()));
    };
    let (width, version) = match major {
        1 => (2, 1),
        2 | 3 => (4, 2),
        _ => return Err(fail(format!("version {major} of NumPy's format is not known"))),
    };
    let length = take(width)?;
    let mut word = [0; 4];
    length.iter().zip(&mut word).for_each(|(byte, place)| *place = *byte);
    let length = u32::from_le_bytes(word);
    if length > LONGEST_HEADER || (version == 1 && length > u16::MAX.into()) {
        return Err(fail(format!("a header of {length} bytes is none")));
    }
    let header = String::from_utf8_lossy(&take(length.into())?).into_owned();
    let (kind, shape) = header_of(&header).map_err(fail)?;
    let samples = shape.first().copied().unwrap_or(1).into();
    let each =
        shape.iter().skip(1).fold(kind.size as u64, |product, side| product.saturating_mul((*side).into()));
    room(source, path, samples, each.min(u64::MAX / 4) / if kind.size == 8 { 2 } else { 1 })?;
    let expected = samples.saturating_mul(each);
    let bytes = take(expected.saturating_add(1))?;
    if bytes.len() as u64 != expected {
        let text = format!("its header promises {expected} bytes of elements, but {} follow", bytes.len());
        return Err(fail(text));
    }
    let whole = 8 + width + u64::from(length) + expected;
    if promised != whole {
        return Err(fail(format!("the archive says that it has {promised} bytes, but it has {whole}")));
    }
    Ok(NpyArray { kind, shape, bytes })
}

/// Returns the type and the dimensions that a header names, a Python dictionary as
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
fn header_of(header: &str) -> Result<(Kind, Vec<u32>), String> {
    let value = |key: &str| {
        let after = header.split_once(&format!("'{key}':")).map(|(_, after)| after.trim_start());
        after.ok_or_else(|| format!("its header has no `{key}`"))
    };
    let descr = value("descr")?;
    let Some(descr) = descr.strip_prefix('\'').and_then(|rest| rest.split('\'').next()) else {
        return Err("its elements are records; give an array of numbers".to_owned());
    };
    if descr.contains('O') {
        return Err(
            "it holds pickled Python objects, which are not read; save an array of numbers".to_owned()
        );
    }
    let kind = Kind::of(descr).ok_or_else(|| {
        format!("elements of type `{descr}` are not read; save uint8, float32 or float64, and whole numbers as labels")
    })?;
    if value("fortran_order")?.starts_with("True") {
        return Err("its elements are in Fortran order; save numpy.ascontiguousarray(array)".to_owned());
    }
    let shape = value("shape")?.strip_prefix('(').and_then(|rest| rest.split(')').next()).unwrap_or("?");
    let sides = shape.split(',').map(str::trim).filter(|side| !side.is_empty());
    let sides: Option<Vec<u32>> = sides.map(|side| side.parse().ok()).collect();
    match sides {
        Some(sides) if (1..=4).contains(&sides.len()) => Ok((kind, sides)),
        _ => Err(format!("the dimensions ({shape}) are not read; give 1 to 4, each below 4294967296")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::FileOptions;

    use super::*;
    use crate::data::formats::tests::{TestFolder as Folder, said};

    fn array(descr: &str, order: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let length = (header.len() as u16).to_le_bytes();
        [b"\x93NUMPY\x01\x00", length.as_slice(), header.as_bytes(), bytes].concat()
    }

    fn archive(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(format!("{name}.npy"), FileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn labels() -> Vec<u8> {
        array("'<i8'", "False", "(2,)", &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    #[test]
    fn both_splits_of_a_file_as_keras_ships_it_are_read() {
        let folder = Folder::new();
        let colour = array("'|u1'", "False", "(2, 1, 2, 3)", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        let members =
            [("x_train", colour.clone()), ("y_train", labels()), ("x_test", colour), ("y_test", labels())];
        let path = folder.file("keras.npz", &archive(&members));
        assert!(recognizes(&path));
        let read = FORMAT.read(&folder.source(&[&path])).unwrap();
        assert_eq!(read.train.shape, Shape::Image { channels: 3, height: 1, width: 2 });
        assert_eq!(read.train.values, DecodedValues::Bytes(vec![1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12]));
        assert_eq!(read.train.labels, [1, 0]);
        assert_eq!(read.test, Some(read.train));
    }

    #[test]
    fn sequences_are_floats_of_either_order_of_bytes() {
        let folder = Folder::new();
        let big: Vec<u8> = [0.5f64, -2.0].iter().flat_map(|value| value.to_be_bytes()).collect();
        let members = [("x", array("'>f8'", "False", "(2, 1, 1)", &big)), ("y", labels())];
        let path = folder.file("s.npz", &archive(&members));
        let read = FORMAT.read(&folder.source(&[&path])).unwrap().train;
        assert_eq!(read.shape, Shape::Sequence { steps: 1, features: 1 });
        assert_eq!(read.values, DecodedValues::Floats(vec![0.5, -2.0]));
    }

    #[test]
    fn each_mistake_is_named() {
        let folder = Folder::new();
        let problem = |samples: Vec<u8>| {
            let path = folder.file("a.npz", &archive(&[("x_train", samples), ("y_train", labels())]));
            said(FORMAT.read(&folder.source(&[&path])))
        };
        let said_of = |descr, order, shape, bytes: &[u8]| problem(array(descr, order, shape, bytes));
        insta::assert_snapshot!(said_of("'|O'", "False", "(2,)", &[]), @"a.npz, x_train.npy: it holds pickled Python objects, which are not read; save an array of numbers");
        insta::assert_snapshot!(said_of("'|u1'", "True", "(2, 1, 1)", &[1, 2]), @"a.npz, x_train.npy: its elements are in Fortran order; save numpy.ascontiguousarray(array)");
        insta::assert_snapshot!(said_of("'|u1'", "False", "(2, 1, 1)", &[1]), @"a.npz, x_train.npy: its header promises 2 bytes of elements, but 1 follow");
        insta::assert_snapshot!(said_of("'|u1'", "False", "(2, 1, 1)", &[1, 2, 3]), @"a.npz, x_train.npy: its header promises 2 bytes of elements, but 3 follow");
        insta::assert_snapshot!(said_of("'<c8'", "False", "(2,)", &[]), @"a.npz, x_train.npy: elements of type `<c8` are not read; save uint8, float32 or float64, and whole numbers as labels");
        insta::assert_snapshot!(said_of("'|u1'", "False", "(4000000000, 4000000000, 4)", &[]), @"a.npz: its samples take 18446744073709551615 bytes, and at most 1048576 are allowed; take fewer or smaller samples");
        insta::assert_snapshot!(said_of("'<f4'", "False", "(2, 1)", &[0, 0, 192, 127, 0, 0, 0, 0]), @"a.npz, sample 0: value 0 is NaN, which is no finite number; replace or leave it out");
        insta::assert_snapshot!(problem(b"not an array".to_vec()), @"a.npz, x_train.npy: no NumPy array: it does not begin as one");
        let only = folder.file("b.npz", &archive(&[("data", labels())]));
        insta::assert_snapshot!(said(FORMAT.read(&folder.source(&[&only]))), @"b.npz: no array `x_train`; there are data.npy");
        let whole = archive(&[("x", labels()), ("y", labels())]);
        let cut = folder.file("c.npz", &whole[..whole.len() - 30]);
        assert!(
            said(FORMAT.read(&folder.source(&[&cut])))
                .starts_with("c.npz: no archive, or one that is cut off: ")
        );
    }
}
