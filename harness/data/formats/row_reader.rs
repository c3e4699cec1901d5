//! Reads the rows of a CSV file, of which none may take more memory than a sample can need.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use ::csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Trim};

use super::error::{FilePlace, FormatError};
use crate::files;

/// No row takes more bytes.
const LONGEST: u64 = 1 << 26;
/// What a file begins with, by which its format is told.
const BEGIN: u64 = 1 << 16;
/// No more characters of a cell are shown.
const SHOWN: usize = 40;

/// The rows of a CSV file.
pub(super) struct RowReader {
    reader: Reader<RowFile>,
    room: Rc<Cell<u64>>,
    path: PathBuf,
}

/// A file that fails once more is read than there is room for.
struct RowFile {
    file: File,
    room: Rc<Cell<u64>>,
}

impl Read for RowFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        match self.room.get().checked_sub(count as u64) {
            Some(room) => {
                self.room.set(room);
                Ok(count)
            }
            None => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!(
                    "it takes more than {} MiB; is a quotation mark open, or a line break missing?",
                    LONGEST >> 20
                ),
            )),
        }
    }
}

impl RowReader {
    /// Opens a file.
    ///
    /// # Errors
    /// Returns an error if it cannot be opened.
    pub(super) fn open(path: &Path) -> Result<Self, FormatError> {
        let file = files::open(path).map_err(|error| FormatError::of(path, error))?;
        let room = Rc::new(Cell::new(LONGEST));
        let reader = builder().from_reader(RowFile { file, room: Rc::clone(&room) });
        Ok(RowReader { reader, room, path: path.to_owned() })
    }

    /// Reads the next row, and returns its line; `None` after the last.
    ///
    /// # Errors
    /// Returns an error if it is too long, is no text, or cannot be read.
    pub(super) fn next(&mut self, record: &mut StringRecord) -> Result<Option<u64>, FormatError> {
        self.room.set(LONGEST);
        let begin = self.reader.position().line();
        match self.reader.read_record(record) {
            Ok(true) => Ok(Some(record.position().map_or(begin, ::csv::Position::line))),
            Ok(false) => Ok(None),
            Err(error) => {
                let line = error.position().map_or(begin, ::csv::Position::line);
                let text = match error.into_kind() {
                    ErrorKind::Io(error) => format!("no row: {error}"),
                    ErrorKind::Utf8 { err, .. } => format!("no row: {err}; save the file as UTF-8"),
                    _ => "no row".to_owned(),
                };
                Err(FormatError::at(&self.path, FilePlace::Line(line), text))
            }
        }
    }
}

fn builder() -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).trim(Trim::All);
    builder
}

/// Returns the cells of the first row, of which the last may be cut off; `None` of what is no text.
pub(super) fn first_row(path: &Path) -> Option<StringRecord> {
    let mut begin = Vec::new();
    files::open(path).ok()?.take(BEGIN).read_to_end(&mut begin).ok()?;
    let text = match std::str::from_utf8(&begin) {
        Ok(text) => text,
        // It may end within a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&begin[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let mut record = StringRecord::new();
    let is_row = builder().from_reader(text.as_bytes()).read_record(&mut record).ok()?;
    let is_text = |cell: &str| cell.chars().all(|letter| !letter.is_control() || letter.is_whitespace());
    (is_row && record.iter().all(is_text)).then_some(record)
}

/// Returns a cell as an error shows it: a long one is cut off.
pub(super) fn shown(cell: &str) -> String {
    match cell.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_row_without_an_end_is_refused_with_its_line() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("long.csv");
        let mut file = File::create(&path).unwrap();
        file.write_all(b"label,a\n0,1\n1,\"").unwrap();
        // No block of the disk is taken.
        file.set_len(LONGEST + (1 << 20)).unwrap();
        let mut reader = RowReader::open(&path).unwrap();
        let mut record = StringRecord::new();
        assert_eq!(reader.next(&mut record).unwrap(), Some(1));
        assert_eq!(reader.next(&mut record).unwrap(), Some(2));
        assert_eq!(
            reader.next(&mut record).unwrap_err().to_string().replace(&*place.path().to_string_lossy(), ""),
            "/long.csv, line 3: no row: it takes more than 64 MiB; is a quotation mark open, or a line break missing?"
        );
    }

    #[test]
    fn a_long_cell_is_shown_in_part() {
        assert_eq!(shown("short"), "short");
        assert_eq!(shown(&"ä".repeat(41)), format!("{}…", "ä".repeat(40)));
    }
}
