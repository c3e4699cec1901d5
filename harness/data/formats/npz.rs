//! `npz`: an archive of NumPy arrays (numpy.lib.format, version 1 to 3), as Keras ships its datasets: `x_train`,
//! `y_train`, `x_test` and `y_test`. A second file may hold the test split, as `x_test` and `y_test` or as `x` and `y`.
//!
//! Samples are grey images (sample, row, column) or images (sample, row, column, channel) of bytes, sequences (sample,
//! step, feature) of floats, or samples of one step (sample, feature). Bytes as (sample, value) are images of the shape
//! that is given, channel after channel. Labels are whole numbers.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::DataFormat;
use super::check::{room, sample};
use super::elements::{BLOCK, blocks, list};
use super::error::{FilePlace, FormatError, FormatProblem};
use super::npy::{NpyHeader, header};
use super::source::{Contents, Decoded, DecodedValues, SampleSource};
use crate::files;
use crate::recipe::shape::Shape;

pub(super) const FORMAT: DataFormat = DataFormat { name: "npz", recognizes, decode };

/// Images have at most so many channels; more columns behind are none.
const MOST_CHANNELS: u32 = 4;

type NpzArchive = ZipArchive<BufReader<File>>;
/// Reads all elements, blocks of so many bytes at a time, and hands on each.
type Elements<'e> = dyn FnMut(usize, &mut dyn FnMut(&[u8])) -> Result<(), FormatProblem> + 'e;

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
    let rest = source.after(train.bytes());
    let test = match source.test.as_slice() {
        [] if has(&archive, "x_test") => {
            Some(split(&rest, path, &mut archive, [["x_test"; 2], ["y_test"; 2]])?)
        }
        [] => None,
        [test] => Some(split(&rest, test, &mut opened(test)?, [["x_test", "x"], ["y_test", "y"]])?),
        paths => return Err(FormatError::of(path, format!("{} test files; give one archive", paths.len()))),
    };
    Ok(Contents { train, test, classes: None })
}

fn opened(path: &Path) -> Result<NpzArchive, FormatError> {
    let file = files::open(path).map_err(|error| FormatError::of(path, error))?;
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => FormatError::of(path, error),
        error => FormatError::of(path, format!("no archive, or one that is cut off: {error}")),
    })?;
    if archive.file_names().count() == archive.len() {
        return Ok(archive);
    }
    let mut seen = BTreeSet::new();
    for index in 0..archive.len() {
        let name = archive.by_index_raw(index).map(|member| member.name().to_owned());
        if let Ok(name) = name
            && !seen.insert(name.clone())
        {
            let text = "the archive has two members of this name; save it with one of each";
            return Err(FormatError::at(path, FilePlace::Member(name), text));
        }
    }
    Err(FormatError::of(path, "two members of the archive have one name; save it with one of each"))
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
    let (count, shape, values) = read(path, archive, &name, |header, elements| {
        let shape = sample_shape(source, header)?;
        sample(shape)?;
        let count = header.count();
        room(source, count, shape.values() * header.kind.value_size())?;
        Ok((count, shape, values(header, shape, elements)?))
    })?;
    let name = find(archive, labels)?;
    let labels = read(path, archive, &name, |header, elements| {
        if !matches!(header.shape.as_slice(), [_] | [_, 1]) || header.kind.class == b'f' {
            let text =
                format!("labels in the dimensions {:?}; give whole numbers as [samples]", header.shape);
            return Err(text.into());
        }
        if header.count() != count {
            return Err(format!("there are {} labels for {count} samples", header.count()).into());
        }
        classes(header, elements)
    })?;
    Ok(Decoded { shape, values, labels })
}

fn sample_shape(source: &SampleSource, NpyHeader { kind, shape, .. }: &NpyHeader) -> Result<Shape, String> {
    let given = |values: u32| source.shape.filter(|shape| shape.values() == u64::from(values));
    match (kind.class, kind.size, shape.as_slice()) {
        (b'u', 1, &[_, height, width]) => Ok(Shape::Image { channels: 1, height, width }),
        (b'u', 1, &[_, height, width, channels @ 1..=MOST_CHANNELS]) => {
            Ok(Shape::Image { channels, height, width })
        }
        (b'u', 1, &[_, values]) => given(values).filter(|shape| shape.is_image()).ok_or_else(|| {
            format!("uint8 as [samples, {values}]; say with --image which image {values} values are")
        }),
        (b'f', _, &[_, steps, features]) => Ok(Shape::Sequence { steps, features }),
        (b'f', _, &[_, features]) => Ok(given(features)
            .filter(|shape| !shape.is_image())
            .unwrap_or(Shape::Sequence { steps: 1, features })),
        (b'f', _, shape) => {
            Err(format!("floats in the dimensions {shape:?}; give [samples, steps, features]"))
        }
        (_, _, shape) => Err(format!(
            "elements of {} bits in the dimensions {shape:?}; give uint8 as [samples, rows, columns] or [samples, rows, \
             columns, channels] with up to {MOST_CHANNELS} channels, or float32 as [samples, steps, features]",
            8 * kind.size
        )),
    }
}

/// Reads the values of samples of this shape.
fn values(
    header: &NpyHeader,
    shape: Shape,
    elements: &mut Elements<'_>,
) -> Result<DecodedValues, FormatProblem> {
    let kind = header.kind;
    let size = shape.values() as usize;
    let count = header.count() * shape.values();
    match (kind.class, shape) {
        (b'f', _) => {
            let mut floats = list(count)?;
            let float = |bytes: &[u8]| match kind.size {
                4 => f32::from_bits(u64::from_le_bytes(kind.word(bytes)) as u32),
                _ => f64::from_bits(u64::from_le_bytes(kind.word(bytes))) as f32,
            };
            elements(BLOCK, &mut |block| floats.extend(block.chunks_exact(kind.size).map(float)))?;
            Ok(DecodedValues::Floats(floats))
        }
        (_, Shape::Image { channels, .. }) if header.shape.len() == 4 && channels > 1 => {
            let mut bytes = list(count)?;
            let channels = channels as usize;
            elements(size, &mut |image| {
                (0..channels).for_each(|channel| bytes.extend(image.iter().skip(channel).step_by(channels)));
            })?;
            Ok(DecodedValues::Bytes(bytes))
        }
        _ => {
            let mut bytes = list(count)?;
            elements(BLOCK, &mut |block| bytes.extend_from_slice(block))?;
            Ok(DecodedValues::Bytes(bytes))
        }
    }
}

/// Reads whole numbers as classes.
fn classes(header: &NpyHeader, elements: &mut Elements<'_>) -> Result<Vec<u16>, FormatProblem> {
    let kind = header.kind;
    let mut labels = list(header.count())?;
    let mut wrong = None;
    elements(BLOCK, &mut |block| {
        for bytes in block.chunks_exact(kind.size) {
            let word = u64::from_le_bytes(kind.word(bytes));
            let unused = 64 - 8 * kind.size as u32;
            let label = if kind.class == b'i' { ((word << unused) as i64) >> unused } else { word as i64 };
            let class = u16::try_from(label);
            if class.is_err() {
                wrong = wrong.or(Some((labels.len(), label)));
            }
            labels.push(class.unwrap_or_default());
        }
    })?;
    match wrong {
        None => Ok(labels),
        Some((sample, label)) => {
            Err(format!("label {label} of sample {sample} is no class; number them from 0").into())
        }
    }
}

/// Opens a member and reads its header, and hands on the header and what reads the elements behind it. There must be as
/// many as the header promises, and as the archive says.
fn read<T>(
    path: &Path,
    archive: &mut NpzArchive,
    name: &str,
    take: impl FnOnce(&NpyHeader, &mut Elements<'_>) -> Result<T, FormatProblem>,
) -> Result<T, FormatError> {
    let fail = |problem: FormatProblem| FormatError::at(path, FilePlace::Member(name.to_owned()), problem);
    let unpacked = |error: &dyn Display| FormatProblem::from(format!("cannot be unpacked: {error}"));
    let mut member = archive.by_name(name).map_err(|error| fail(unpacked(&error)))?;
    let promised = member.size();
    let header = header(&mut member).map_err(fail)?;
    let expected = header
        .shape
        .iter()
        .fold(header.kind.size as u64, |product, side| product.saturating_mul((*side).into()));
    let mut elements = |block: usize, take: &mut dyn FnMut(&[u8])| -> Result<(), FormatProblem> {
        let found = blocks(&mut member, expected, block, take).map_err(|error| unpacked(&error))?;
        let follow = match found {
            found if found < expected => format!("only {found}"),
            found if found > expected => "more".to_owned(),
            _ => return Ok(()),
        };
        Err(format!("its header promises {expected} bytes of elements, but {follow} follow").into())
    };
    let taken = take(&header, &mut elements).map_err(fail)?;
    let whole = header.length + expected;
    if promised != whole {
        let text = format!("the archive says that it has {promised} bytes, but it has {whole}");
        return Err(fail(text.into()));
    }
    Ok(taken)
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
    fn bytes_of_two_dimensions_are_images_of_the_shape_that_is_given() {
        let folder = Folder::new();
        let members = [("x", array("'|u1'", "False", "(2, 4)", &[1, 2, 3, 4, 5, 6, 7, 8])), ("y", labels())];
        let path = folder.file("digits.npz", &archive(&members));
        let read = |shape| FORMAT.read(&SampleSource { shape: Some(shape), ..folder.source(&[&path]) });
        let shape = Shape::Image { channels: 1, height: 2, width: 2 };
        let train = read(shape).unwrap().train;
        assert_eq!((train.shape, train.values), (shape, DecodedValues::Bytes(vec![1, 2, 3, 4, 5, 6, 7, 8])));
        assert_eq!(
            said(read(Shape::Image { channels: 1, height: 3, width: 3 })),
            "digits.npz, x.npy: uint8 as [samples, 4]; say with --image which image 4 values are"
        );
    }

    #[test]
    fn a_shape_that_is_given_must_be_the_arrays_own() {
        let folder = Folder::new();
        let members = [("x", array("'|u1'", "False", "(2, 1, 2)", &[1, 2, 3, 4])), ("y", labels())];
        let path = folder.file("s.npz", &archive(&members));
        let shape = Some(Shape::Image { channels: 1, height: 2, width: 1 });
        assert_eq!(
            said(FORMAT.read(&SampleSource { shape, ..folder.source(&[&path]) })),
            "s.npz: its samples are 1 x 1 x 2, not 1 x 2 x 1 as --image, --sequence or the manifest says"
        );
        assert_eq!(
            said(FORMAT.read(&SampleSource { resize: Some([4, 4]), ..folder.source(&[&path]) })),
            "s.npz: its samples are 1 x 1 x 2, and only the images of a folder are resized; leave --resize out"
        );
    }

    #[test]
    fn two_members_of_one_name_are_refused() {
        let folder = Folder::new();
        let samples = array("'|u1'", "False", "(2, 1, 1)", &[1, 2]);
        let twice = archive(&[("x", samples.clone()), ("z", samples), ("y", labels())]);
        // The library writes none, so one is renamed where it stands.
        let mut renamed = twice.clone();
        for place in 0..twice.len() - 5 {
            if &twice[place..place + 5] == b"z.npy" {
                renamed[place] = b'x';
            }
        }
        let path = folder.file("twice.npz", &renamed);
        assert_eq!(
            said(FORMAT.read(&folder.source(&[&path]))),
            "twice.npz, x.npy: the archive has two members of this name; save it with one of each"
        );
    }

    #[test]
    fn both_splits_share_the_memory_that_is_allowed_whatever_the_width_of_their_floats() {
        let folder = Folder::new();
        let samples = array("'<f8'", "False", "(2, 1, 1)", &[0; 16]);
        let members =
            [("x_train", samples.clone()), ("y_train", labels()), ("x_test", samples), ("y_test", labels())];
        let path = folder.file("s.npz", &archive(&members));
        let source = SampleSource { most_bytes: 23, ..folder.source(&[&path]) };
        assert_eq!(
            said(FORMAT.read(&source)),
            "s.npz, x_test.npy: its samples take 12 bytes, and at most 11 are allowed; take fewer or smaller samples"
        );
        assert!(FORMAT.read(&SampleSource { most_bytes: 24, ..source }).is_ok());
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
        insta::assert_snapshot!(said_of("'|u1'", "False", "(2, 1, 1)", &[1]), @"a.npz, x_train.npy: its header promises 2 bytes of elements, but only 1 follow");
        insta::assert_snapshot!(said_of("'|u1'", "False", "(2, 1, 1)", &[1, 2, 3]), @"a.npz, x_train.npy: its header promises 2 bytes of elements, but more follow");
        insta::assert_snapshot!(said_of("'<c8'", "False", "(2,)", &[]), @"a.npz, x_train.npy: elements of type `<c8` are not read; save uint8, float32 or float64, and whole numbers as labels");
        insta::assert_snapshot!(said_of("'|u1'", "False", "(4000000000, 4000000000, 4)", &[]), @"a.npz, x_train.npy: its samples are 1 x 4000000000 x 4, and may have from 1 to 16777216 values");
        insta::assert_snapshot!(said_of("'<f4'", "False", "(2, 1)", &[0, 0, 192, 127, 0, 0, 0, 0]), @"a.npz, sample 0: value 0 is NaN, which is no finite number; replace or leave it out");
        insta::assert_snapshot!(said_of("'|u1'", "False", "(4000000000, 1, 4)", &[]), @"a.npz, x_train.npy: its samples take 24000000000 bytes, and at most 1048576 are allowed; take fewer or smaller samples");
        insta::assert_snapshot!(said_of("'|u1'", "False", "(3, 1, 1)", &[1, 2, 3]), @"a.npz, y_train.npy: there are 2 labels for 3 samples");
        insta::assert_snapshot!(said_of("'|u1'", "False", "(2, 4)", &[1; 8]), @"a.npz, x_train.npy: uint8 as [samples, 4]; say with --image which image 4 values are");
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
