//! `csv`: a sample a row, with its label and its values in columns, as Kaggle has MNIST.
//!
//! The label is in the column `label`; in a file without a heading, in the first. Labels are whole numbers from 0, or
//! words, of which the classes are in alphabetical order. If all values are whole numbers from 0 to 255 they are the
//! pixels of an image: of the shape that is given, else of a grey square one. Otherwise they are the features of a
//! sequence: of the shape that is given, else of one step.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ::csv::StringRecord;

use super::DataFormat;
use super::check::room;
use super::elements::list;
use super::error::{FilePlace, FormatError, FormatProblem};
use super::labels::{Labels, check};
use super::row_reader::{RowReader, first_row, shown};
use super::source::{Contents, Decoded, DecodedValues, SampleSource};
use crate::recipe::MOST_CLASSES;
use crate::recipe::shape::{LARGEST, Shape};

pub(super) const FORMAT: DataFormat = DataFormat { name: "csv", recognizes, decode };

const LABEL: &str = "label";

/// The rows of all files of a split.
struct Rows {
    labels: Labels,
    /// Bytes as long as all values are pixels.
    values: DecodedValues,
    columns: usize,
    /// The heading of each column of values, if there is a heading.
    heading: Option<Vec<String>>,
}

fn recognizes(path: &Path) -> bool {
    first_row(path).is_some_and(|row| row.len() > 1)
}

fn decode(source: &SampleSource) -> Result<Contents, FormatError> {
    let is_sequence = source.shape.is_some_and(|shape| !shape.is_image());
    let values =
        if is_sequence { DecodedValues::Floats(Vec::new()) } else { DecodedValues::Bytes(Vec::new()) };
    let mut train = rows(source, &source.train, values)?;
    let mut test = None;
    if !source.test.is_empty() {
        let values = match train.values {
            DecodedValues::Bytes(_) => DecodedValues::Bytes(Vec::new()),
            DecodedValues::Floats(_) => DecodedValues::Floats(Vec::new()),
        };
        test = Some(rows(&source.after(train.bytes()), &source.test, values)?);
    }
    let path = source.train.first().map_or(Path::new(""), |path| path);
    if let Some(test) = &test {
        let path = source.test.first().map_or(path, |path| path);
        if test.columns != train.columns {
            let text =
                format!("{} values a row, but the training samples have {}", test.columns, train.columns);
            return Err(FormatError::of(path, text));
        }
        if test.heading != train.heading {
            let text = "its columns are not those of the training samples; give both the same heading, in the same order";
            return Err(FormatError::at(path, FilePlace::Line(1), text));
        }
        if matches!(test.values, DecodedValues::Floats(_)) {
            train.widen().map_err(|problem| FormatError::of(path, problem))?;
        }
    }
    let shape = shape(source, path, &train)?;
    let are_numbers = train.labels.texts().all(|label| label.parse::<u16>().is_ok());
    let names: BTreeSet<String> = train.labels.texts().cloned().collect();
    let class = |label: &str| {
        if are_numbers {
            label.parse().ok()
        } else {
            Some(names.iter().position(|name| name == label)? as u16)
        }
    };
    let split = |paths: &[PathBuf], rows: Rows| -> Result<Decoded, FormatError> {
        let labels = rows.labels.classes(class).map_err(|(sample, label)| {
            let path = paths.first().map_or(Path::new(""), |path| path);
            let text = format!("label `{}` is none of the training samples'", shown(&label));
            FormatError::at(path, FilePlace::Sample(sample), text)
        })?;
        Ok(Decoded { shape, values: rows.values, labels })
    };
    let train = split(&source.train, train)?;
    let test = test.map(|test| split(&source.test, test)).transpose()?;
    Ok(Contents { train, test, classes: (!are_numbers).then(|| names.into_iter().collect()) })
}

impl Rows {
    /// Returns the number of bytes that its values and labels take in memory.
    fn bytes(&self) -> u64 {
        self.values.bytes() + 2 * self.labels.count()
    }

    /// Holds the values as floats from here on.
    fn widen(&mut self) -> Result<(), FormatProblem> {
        if let DecodedValues::Bytes(bytes) = &self.values {
            let mut floats = list(bytes.len() as u64)?;
            floats.extend(bytes.iter().map(|byte| f32::from(*byte)));
            self.values = DecodedValues::Floats(floats);
        }
        Ok(())
    }

    /// Refuses one more row than there is room for.
    fn expect_room(&self, source: &SampleSource) -> Result<(), FormatProblem> {
        let size = match self.values {
            DecodedValues::Bytes(_) => 1,
            DecodedValues::Floats(_) => 4,
        };
        room(source, self.labels.count() + 1, size * self.columns as u64)
    }

    /// Adds a value. It is a pixel if an image is asked for.
    fn push(&mut self, source: &SampleSource, value: f32) -> Result<(), FormatProblem> {
        let is_byte = value.fract() == 0.0 && (0.0..=255.0).contains(&value);
        match &mut self.values {
            DecodedValues::Bytes(bytes) if is_byte => bytes.push(value as u8),
            DecodedValues::Bytes(_) => {
                if source.shape.is_some() {
                    let text = format!(
                        "{value} is no whole number from 0 to 255, so no pixel; give --sequence, not --image"
                    );
                    return Err(text.into());
                }
                room(source, self.labels.count() + 1, 4 * self.columns as u64)?;
                self.widen()?;
                self.push(source, value)?;
            }
            DecodedValues::Floats(floats) => floats.push(value),
        }
        Ok(())
    }
}

/// Returns the shape of samples of so many values.
fn shape(source: &SampleSource, path: &Path, rows: &Rows) -> Result<Shape, FormatError> {
    let columns = rows.columns;
    let side = columns.isqrt();
    let shape = match (source.shape, &rows.values) {
        (Some(shape), _) => shape,
        (None, DecodedValues::Bytes(_)) if side * side == columns => {
            Shape::Image { channels: 1, height: side as u32, width: side as u32 }
        }
        (None, DecodedValues::Bytes(_)) => {
            let text =
                format!("{columns} pixels a row are no square; say what they are with --image or --sequence");
            return Err(FormatError::of(path, text));
        }
        (None, DecodedValues::Floats(_)) => Shape::Sequence { steps: 1, features: columns as u32 },
    };
    if shape.values() == columns as u64 {
        return Ok(shape);
    }
    Err(FormatError::of(path, format!("{columns} values a row do not make a sample of {shape}")))
}

fn rows(source: &SampleSource, paths: &[PathBuf], values: DecodedValues) -> Result<Rows, FormatError> {
    let mut rows = Rows { labels: Labels::default(), values, columns: 0, heading: None };
    paths.iter().try_for_each(|path| read(source, path, &mut rows))?;
    Ok(rows)
}

fn read(source: &SampleSource, path: &Path, rows: &mut Rows) -> Result<(), FormatError> {
    let mut reader = RowReader::open(path)?;
    let mut record = StringRecord::new();
    let mut label_at = 0;
    let mut width = None;
    while let Some(line) = reader.next(&mut record)? {
        let at_line = |problem: FormatProblem| FormatError::at(path, FilePlace::Line(line), problem);
        let is_first = width.is_none();
        let expected = *width.get_or_insert(record.len());
        if record.len() != expected {
            let text = format!("{} columns, but the first row has {expected}", record.len());
            return Err(at_line(text.into()));
        }
        if is_first {
            let heading = heading(&record).map_err(|text| at_line(text.into()))?;
            label_at = heading.as_ref().map_or(0, |(place, _)| *place);
            let heading = heading.map(|(_, heading)| heading);
            if rows.columns != 0 && rows.columns != expected - 1 {
                let text = format!("{} values a row, but the file before has {}", expected - 1, rows.columns);
                return Err(at_line(text.into()));
            }
            if rows.columns != 0 && rows.heading != heading {
                let text = "its columns are not those of the file before; give both the same heading, in the same order";
                return Err(at_line(text.into()));
            }
            rows.columns = expected - 1;
            rows.heading = heading;
            if rows.heading.is_some() {
                continue;
            }
        }
        rows.expect_room(source).map_err(at_line)?;
        for (column, cell) in record.iter().enumerate() {
            if column == label_at {
                check(cell).map_err(|text| at_line(text.into()))?;
                continue;
            }
            match cell.parse::<f32>() {
                Ok(value) if value.is_finite() => rows
                    .push(source, value)
                    .map_err(|problem| at_line(format!("column {}: {problem}", column + 1).into()))?,
                _ => {
                    let text = format!("column {}: `{}` is no finite number", column + 1, shown(cell));
                    return Err(at_line(text.into()));
                }
            }
        }
        if !rows.labels.add(&record[label_at]) {
            let text =
                format!("the label is none of the {MOST_CLASSES} before; there may be no more classes");
            return Err(at_line(text.into()));
        }
    }
    Ok(())
}

/// Returns the column of the labels and the names of the others if the first row is a heading; `None` if it is a sample.
fn heading(record: &StringRecord) -> Result<Option<(usize, Vec<String>)>, String> {
    if record.len() < 2 {
        return Err("one column; give a label and at least one value a row".to_owned());
    }
    if record.len() as u64 > LARGEST + 1 {
        return Err(format!("{} columns; a sample has at most {LARGEST} values", record.len()));
    }
    if let Some(place) = record.iter().position(|cell| cell == LABEL) {
        let others = record.iter().enumerate().filter(|(column, _)| *column != place);
        let heading: Vec<String> = others.map(|(_, cell)| cell.to_owned()).collect();
        if heading.iter().any(|cell| cell == LABEL) {
            return Err(format!("two columns `{LABEL}`; leave one"));
        }
        if heading.iter().any(String::is_empty) {
            return Err("a column without a name, such as an index; remove or name it".to_owned());
        }
        return Ok(Some((place, heading)));
    }
    let counts_from =
        |first: usize| record.iter().enumerate().all(|(column, cell)| cell == (column + first).to_string());
    if record.len() > 2 && (counts_from(0) || counts_from(1)) {
        return Err(format!(
            "its cells count {}, {}, {}, … as the numbers of columns do, not a sample; write a heading that names the \
             column of the labels `{LABEL}`",
            &record[0], &record[1], &record[2]
        ));
    }
    if record.iter().all(|cell| cell.parse::<f32>().is_ok()) {
        return Ok(None);
    }
    let columns: Vec<String> = record.iter().take(8).map(shown).collect();
    Err(format!("no column `{LABEL}` among {}; name the column of the labels so", columns.join(", ")))
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
        let long = "x".repeat(300);
        assert_eq!(
            problem(&format!("label,a\n0,{long}\n")),
            format!("t.csv, line 2: column 2: `{}…` is no finite number", &long[..40])
        );
        assert_eq!(
            problem(&format!("label,a\n{long},1\n")),
            format!("t.csv, line 2: label `{}…` has more than 256 bytes; shorten it", &long[..40])
        );
        for counted in ["0,1,2,3,4\n7,1,2,3,4\n", "1,2,3,4,5\n7,1,2,3,4\n"] {
            let cells = &counted[..5].replace(',', ", ");
            assert_eq!(
                problem(counted),
                format!(
                    "t.csv, line 1: its cells count {cells}, … as the numbers of columns do, not a sample; write a \
                     heading that names the column of the labels `label`"
                )
            );
        }
        let many: String = (0..=1000).map(|label| format!("w{label},1\n")).collect();
        assert_eq!(
            problem(&format!("label,a\n{many}")),
            "t.csv, line 1002: the label is none of the 1000 before; there may be no more classes"
        );
        assert!(problem("label,a\n0,1\n\u{7}\0").starts_with("t.csv, line 3: "));
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
        let [first, second] = [("1.csv", "label,a\n0,1\n"), ("2.csv", "label,b\n0,1\n")]
            .map(|(name, text)| place.file(name, text.as_bytes()));
        assert_eq!(
            said(FORMAT.read(&place.source(&[&first, &second]))),
            "2.csv, line 1: its columns are not those of the file before; give both the same heading, in the same order"
        );
        let train = place.file("train.csv", b"label,a\na,1\nb,2\n");
        let test = place.file("test.csv", b"label,a\nc,1\n");
        let source = SampleSource { test: vec![test], ..place.source(&[&train]) };
        assert_eq!(
            said(FORMAT.read(&source)),
            "test.csv, sample 0: label `c` is none of the training samples'"
        );
    }

    #[test]
    fn a_heading_without_labels_is_told_its_columns() {
        let place = TestFolder::new();
        let quoted = place.file("quoted.csv", b"\"class, of\",\"a\"\n0,1\n");
        assert!(recognizes(&quoted));
        assert_eq!(
            said(FORMAT.read(&place.source(&[&quoted]))),
            "quoted.csv, line 1: no column `label` among class, of, a; name the column of the labels so"
        );
        let others: [&[u8]; 4] = [b"", b"nothing", b"a,\x00\x01", b"a,\xff,b"];
        assert!(!others.iter().any(|bytes| recognizes(&place.file("other", bytes))));
    }

    #[test]
    fn values_are_bytes_until_one_is_none() {
        let place = TestFolder::new();
        let path = place.file("t.csv", b"label,a\n0,255\n0,0.5\n");
        let image = SampleSource {
            shape: Some(Shape::Image { channels: 1, height: 1, width: 1 }),
            ..place.source(&[&path])
        };
        assert_eq!(
            said(FORMAT.read(&image)),
            "t.csv, line 3: column 2: 0.5 is no whole number from 0 to 255, so no pixel; give --sequence, not --image"
        );
        // Pixels alone, but features of the samples to test on.
        let train = place.file("train.csv", b"label,a\n0,255\n");
        let source = SampleSource { test: vec![path], ..place.source(&[&train]) };
        let read = FORMAT.read(&source).unwrap();
        assert_eq!(read.train.values, DecodedValues::Floats(vec![255.0]));
        assert_eq!(read.test.unwrap().values, DecodedValues::Floats(vec![255.0, 0.5]));
        let problem = |most_bytes| said(FORMAT.read(&SampleSource { most_bytes, ..source.clone() }));
        assert_eq!(
            problem(17),
            "train.csv: its samples take 18 bytes, and at most 17 are allowed; take fewer or smaller samples"
        );
        assert_eq!(
            problem(14),
            "t.csv, line 3: column 2: its samples take 12 bytes, and at most 11 are allowed; take fewer or smaller samples"
        );
        assert!(FORMAT.read(&SampleSource { most_bytes: 18, ..source.clone() }).is_ok());
    }
}
