//! A trial's events, one JSON object a line, appended while it runs.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::Error;
use super::file::make_folder;
use crate::event::Event;
use crate::files;

/// Appends to a trial's `.jsonl` file. Every line reaches the system before `append` returns, so
/// that it survives the death of the process.
#[derive(Debug)]
pub struct EventLog {
    path: PathBuf,
    file: File,
}

impl EventLog {
    /// Opens the log, and creates it and its folders if they are missing. What an earlier attempt wrote
    /// stays in front; only a last line that its death cut off is taken away.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let open = || {
            if let Some(folder) = path.parent() {
                make_folder(folder)?;
            }
            let mut file = files::open_to_write(path)?;
            let whole = whole(&files::read(path, files::EVENTS)?);
            file.set_len(whole as u64)?;
            file.seek(SeekFrom::End(0))?;
            Ok(file)
        };
        let file = open().map_err(Error::write(path))?;
        Ok(EventLog { path: path.to_owned(), file })
    }

    /// Adds one line. A [`Event::Step`] is for the eye and is not kept.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn append(&mut self, event: &Event) -> Result<(), Error> {
        if matches!(event, Event::Step { .. }) {
            return Ok(());
        }
        let mut line = serde_json::to_vec(event).map_err(Error::unwritable(&self.path))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(Error::write(&self.path))
    }
}

/// Reads all events of a log, those of earlier attempts first: every attempt begins with
/// [`Event::Started`]. A last line without its line feed was cut off and is left out.
///
/// # Errors
/// Fails if the file cannot be read, or if a line is no event.
pub fn read_events(path: &Path) -> Result<Vec<Event>, Error> {
    let bytes = files::read(path, files::EVENTS).map_err(Error::read(path))?;
    let lines = bytes.get(..whole(&bytes)).unwrap_or_default();
    lines
        .split_inclusive(|&byte| byte == b'\n')
        .enumerate()
        .map(|(index, line)| {
            serde_json::from_slice(line).map_err(|source| Error::Event {
                path: path.to_owned(),
                line: index + 1,
                source,
            })
        })
        .collect()
}

/// The length of the whole lines.
fn whole(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1)
}
