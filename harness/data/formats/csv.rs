//! `csv`: a sample a row, with its label and its values in columns, as Kaggle has MNIST.
//!
//! The label is in the column `label`; in a file without a heading, in the first. Labels are whole numbers from 0, or
//! words, of which the classes are in alphabetical order. If all values are whole numbers from 0 to 255 they are the
//! pixels of an image: of the shape that is given, else of a grey square one. Otherwise they are the features of a
//! sequence: of the shape that is given, else of one step.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use ::csv::{Reader, ReaderBuilder, StringRecord, Trim};

use super::DataFormat;
use super::check::room;
use super::error::{FilePlace, FormatError};
use super::source::{Contents, Decoded, DecodedValues, SampleSource};
use crate::files;
use crate::recipe::MOST_CLASSES;
use crate::recipe::shape::Shape;

pub(super) const FORMAT: DataFormat = DataFormat { name: "csv", recognizes, decode };

const LABEL: &str = "label";
/// No row takes more bytes.
const LONGEST: u64 = 1 << 26;

/// The rows of all files of a split.
#[derive(Default)]
struct Rows {
    labels: Vec<String>,
    values: Vec<f32>,
    columns: usize,
    /// The heading of each column of values, if there is a heading.
    heading: Option<Vec<String>>,
}

fn recognizes(path: &Path) -> bool {
    let Ok(file) = files::open(path) else { return false };
    let mut line = String::new();
    let mut reader = BufReader::new(file).take(LONGEST);
    if reader.read_line(&mut line).is_err() || !line.contains(',') {
        return false;
    }
    let cells: Vec<&str> = line.trim().split(',').map(str::trim).collect();
    let cells: Vec<&str> = cells.into_iter().map(|cell| cell.trim_matches('"')).collect();
    cells.contains(&LABEL) || cells.iter().all(|cell| cell.parse::<f32>().is_ok())
}

fn decode(source: &SampleSource) -> Result<Contents, FormatError> {
    let train = rows(source, &source.train)?;
    let test = if source.test.is_empty() { None } else { Some(rows(source, &source.test)?) };
    let path = source.train.first().map_or(Path::new(""), |path| path);
    if let Some(test) = &test
        && test.columns != train.columns
    {
        let path = source.test.first().map_or(path, |path| path);
        let text = format!("{} values a row, but the training samples have {}", test.columns, train.columns);
        return Err(FormatError::of(path, text));
    }
    if let Some(test) = &test
        && test.heading != train.heading
    {
        let path = source.test.first().map_or(path, |path| path);
        let text = "its columns are not those of the training samples; give both the same heading, in the same order";
        return Err(FormatError::at(path, FilePlace::Line(1), text));
    }
    let is_byte = |value: &f32| value.fract() == 0.0 && (0.0..=255.0).contains(value);
    let are_bytes = train.values.iter().chain(test.iter().flat_map(|test| &test.values)).all(is_byte);
    let shape = shape(source, path, are_bytes, train.columns)?;
    let are_numbers = train.labels.iter().all(|label| label.parse::<u16>().is_ok());
    let names: BTreeSet<&str> = train.labels.iter().map(String::as_str).collect();
    let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
    if !are_numbers && names.len() > MOST_CLASSES as usize {
        let text = format!("{} different labels; there may be {MOST_CLASSES} classes", names.len());
        return Err(FormatError::of(path, text));
    }
    let class = |label: &String| {
        if are_numbers { label.parse().ok() } else { Some(names.binary_search(label).ok()? as u16) }
    };
    let split = |paths: &[PathBuf], rows: Rows| -> Result<Decoded, FormatError> {
        let labels = rows.labels.iter().enumerate().map(|(sample, label)| {
            class(label).ok_or_else(|| {
                let path = paths.first().map_or(Path::new(""), |path| path);
                FormatError::at(
                    path,
                    FilePlace::Sample(sample),
                    format!("label `{label}` is none of the training samples'"),
                )
            })
        });
        let labels = labels.collect::<Result<_, _>>()?;
        let values = if shape.is_image() {
            DecodedValues::Bytes(rows.values.iter().map(|value| *value as u8).collect())
        } else {
            DecodedValues::Floats(rows.values)
        };
        Ok(Decoded { shape, values, labels })
    };
    let train = split(&source.train, train)?;
    let test = test.map(|test| split(&source.test, test)).transpose()?;
    Ok(Contents { train, test, classes: (!are_numbers).then(|| names.clone()) })
}

/// Returns the shape of samples of so many values.
fn shape(source: &SampleSource, path: &Path, are_bytes: bool, columns: usize) -> Result<Shape, FormatError> {
    let side = columns.isqrt();
    let shape = match source.shape {
        Some(shape) => shape,
        None if are_bytes && side * side == columns => {
            Shape::Image { channels: 1, height: side as u32, width: side as u32 }
        }
        None if are_bytes => {
            let text =
                format!("{columns} pixels a row are no square; say what they are with --image or --sequence");
            return Err(FormatError::of(path, text));
        }
        None => Shape::Sequence { steps: 1, features: columns as u32 },
    };
    if shape.values() != columns as u64 {
        let text = format!("{columns} values a row do not make a sample of {shape}");
        return Err(FormatError::of(path, text));
    }
    if shape.is_image() && !are_bytes {
        let text = "not all values are whole numbers from 0 to 255, so they are no pixels; give --sequence, not --image";
        return Err(FormatError::of(path, text));
    }
    Ok(shape)
}

fn rows(source: &SampleSource, paths: &[PathBuf]) -> Result<Rows, FormatError> {
    let mut rows = Rows::default();
    paths.iter().try_for_each(|path| read(source, path, &mut rows))?;
    Ok(rows)
}

fn read(source: &SampleSource, path: &Path, rows: &mut Rows) -> Result<(), FormatError> {
    let file = files::open(path).map_err(|error| FormatError::of(path, error))?;
    let mut reader: Reader<std::io::Take<File>> = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(file.take(source.most_bytes.saturating_mul(32).saturating_add(LONGEST)));
    let mut record = StringRecord::new();
    let mut label_at = 0;
    let mut width = None;
    while reader.read_record(&mut record).map_err(|error| {
        FormatError::at(
            path,
            FilePlace::Line(error.position().map_or(0, ::csv::Position::line)),
            format!("no row: {error}"),
        )
    })? {
        let line = record.position().map_or(0, ::csv::Position::line);
        let at_line = |text: String| FormatError::at(path, FilePlace::Line(line), text);
        let is_first = width.is_none();
        let expected = *width.get_or_insert(record.len());
        if record.len() != expected {
            return Err(at_line(format!("{} columns, but the first row has {expected}", record.len())));
        }
        if is_first {
            if expected < 2 {
                return Err(at_line("one column; give a label and at least one value a row".to_owned()));
            }
            if rows.columns != 0 && rows.columns != expected - 1 {
                let text = format!("{} values a row, but the file before has {}", expected - 1, rows.columns);
                return Err(at_line(text));
            }
            rows.columns = expected - 1;
            match record.iter().position(|cell| cell == LABEL) {
                Some(place) => {
                    label_at = place;
                    let others = record.iter().enumerate().filter(|(column, _)| *column != place);
                    let heading: Vec<String> = others.map(|(_, cell)| cell.to_owned()).collect();
                    if heading.iter().any(|cell| cell == LABEL) {
                        return Err(at_line(format!("two columns `{LABEL}`; leave one")));
                    }
                    if heading.iter().any(String::is_empty) {
                        return Err(at_line(
                            "a column without a name, such as an index; remove or name it".to_owned(),
                        ));
                    }
                    rows.heading = Some(heading);
                    continue;
                }
                None if record.iter().all(|cell| cell.parse::<f32>().is_ok()) => {}
                None => {
                    let columns: Vec<&str> = record.iter().take(8).collect();
                    let text = format!(
                        "no column `{LABEL}` among {}; name the column of the labels so",
                        columns.join(", ")
                    );
                    return Err(at_line(text));
                }
            }
        }
        room(source, path, rows.labels.len() as u64 + 1, rows.columns as u64)?;
        for (column, cell) in record.iter().enumerate() {
            if column == label_at {
                if cell.is_empty() {
                    return Err(at_line("no label; give one, or remove the row".to_owned()));
                }
                if cell.parse::<f64>().is_ok() && cell.parse::<u16>().is_err() {
                    return Err(at_line(format!(
                        "label `{cell}` is no class; number them from 0, as whole numbers"
                    )));
                }
                rows.labels.push(cell.to_owned());
                continue;
            }
            match cell.parse::<f32>() {
                Ok(value) if value.is_finite() => rows.values.push(value),
                _ => return Err(at_line(format!("column {}: `{cell}` is no finite number", column + 1))),
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::formats::tests::{TestFolder, said};

    #[test]
    fn pixels_make_an_image_and_features_a_sequence() {
        let place = TestFolder::new();
        let kaggle = place.file("kaggle.csv", b"label,p0,p1,p2,p3\n1,0,1,2,255\n0,9,9,9,9\n");
        let read = FORMAT.read(&place.source(&[&kaggle])).unwrap().train;
        assert_eq!(read.shape, Shape::Image { channels: 1, height: 2, width: 2 });
        assert_eq!(read.values, DecodedValues::Bytes(vec![0, 1, 2, 255, 9, 9, 9, 9]));
        assert_eq!(read.labels, [1, 0]);

        let flowers = place.file("flowers.csv", b"a,b,label\n5.1,3.5,setosa\n6,2,virginica\n7,3,setosa\n");
        let read = FORMAT.read(&place.source(&[&flowers])).unwrap();
        assert_eq!(read.train.shape, Shape::Sequence { steps: 1, features: 2 });
        assert_eq!(read.train.labels, [0, 1, 0]);
        assert_eq!(read.classes.unwrap(), ["setosa", "virginica"]);

        let bare = place.file("bare.csv", b"0,0.5,1.5\n1,2.5,3.5\n");
        let source =
            SampleSource { shape: Some(Shape::Sequence { steps: 2, features: 1 }), ..place.source(&[&bare]) };
        assert_eq!(
            FORMAT.read(&source).unwrap().train.values,
            DecodedValues::Floats(vec![0.5, 1.5, 2.5, 3.5])
        );
        assert!([&kaggle, &flowers, &bare].iter().all(|path| recognizes(path)));
    }

    #[test]
    fn each_mistake_is_named_with_its_line() {
        let place = TestFolder::new();
        let problem = |text: &str| {
            let path = place.file("t.csv", text.as_bytes());
            said(FORMAT.read(&place.source(&[&path])))
        };
        assert_eq!(problem("label,a\n0,1\n1,x\n"), "t.csv, line 3: column 2: `x` is no finite number");
        assert_eq!(problem("label,a\n0,1\n1,NaN\n"), "t.csv, line 3: column 2: `NaN` is no finite number");
        assert_eq!(problem("label,a\n0,1\n1\n"), "t.csv, line 3: 1 columns, but the first row has 2");
        assert_eq!(
            problem("class,a\n0,1\n"),
            "t.csv, line 1: no column `label` among class, a; name the column of the labels so"
        );
        assert_eq!(
            problem("label\n1\n"),
            "t.csv, line 1: one column; give a label and at least one value a row"
        );
        assert_eq!(
            problem("label,a,b\n0,1,2\n1,3,4\n"),
            "t.csv: 2 pixels a row are no square; say what they are with --image or --sequence"
        );
        assert_eq!(problem("label,a\n"), "t.csv: it has no sample");
        assert_eq!(
            problem("class,0,1,2,3\n0,1,2,3,4\n"),
            "t.csv, line 1: no column `label` among class, 0, 1, 2, 3; name the column of the labels so"
        );
        assert_eq!(problem("label,a\n0,1\n,2\n"), "t.csv, line 3: no label; give one, or remove the row");
        assert_eq!(
            problem("label,a\n0,1\n1.0,2\n"),
            "t.csv, line 3: label `1.0` is no class; number them from 0, as whole numbers"
        );
        assert_eq!(problem("label,label,a\n0,1,1\n"), "t.csv, line 1: two columns `label`; leave one");
        assert_eq!(
            problem(",label,a\n0,1,1\n"),
            "t.csv, line 1: a column without a name, such as an index; remove or name it"
        );
        let [train, test] = [("ab.csv", "label,a,b\n0,1,2\n"), ("ba.csv", "label,b,a\n0,1,2\n")]
            .map(|(name, text)| place.file(name, text.as_bytes()));
        let shape = Some(Shape::Image { channels: 1, height: 1, width: 2 });
        let source = SampleSource { test: vec![test], shape, ..place.source(&[&train]) };
        assert_eq!(
            said(FORMAT.read(&source)),
            "ba.csv, line 1: its columns are not those of the training samples; give both the same heading, in the same order"
        );
        let train = place.file("train.csv", b"label,a\na,1\nb,2\n");
        let test = place.file("test.csv", b"label,a\nc,1\n");
        let source = SampleSource { test: vec![test], ..place.source(&[&train]) };
        assert_eq!(
            said(FORMAT.read(&source)),
            "test.csv, sample 0: label `c` is none of the training samples'"
        );
    }
}
