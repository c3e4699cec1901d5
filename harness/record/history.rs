//! What nights left: `results/history/<suite>.jsonl`, one JSON object a line for each night and case.

use std::collections::BTreeSet;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::file::{make_folder, parent, sync_folder};
use super::folder::list;
use super::format::Format;
use super::provenance::Provenance;
use crate::files;
use crate::recipe::Name;
use crate::valid::Validate;

/// What one night found of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Night {
    /// The version of this line.
    pub format: Format,
    /// When its run began, in UTC.
    pub began: jiff::Timestamp,
    /// The name of the run's folder.
    pub run: Name,
    /// The name of the suite.
    pub suite: Name,
    /// The name of the case.
    pub case: Name,
    /// Of the case's first seed.
    pub identity: String,
    /// Which machines give the same bits.
    pub numerics_class: String,
    /// Which baseline it is compared with.
    pub device_class: Name,
    /// The hardware, as [`Fingerprint::machine`](super::Fingerprint::machine).
    pub machine: String,
    /// Test accuracy (validation accuracy where nothing was tested), a fraction; `None` where no seed
    /// has a result.
    pub accuracy: Option<Mean>,
    /// The loss on the same images.
    pub loss: Option<Mean>,
    /// None where it was not measured.
    pub step: Option<StepTime>,
    /// What the night's comparison said; `None` where there was none.
    pub verdicts: Option<Verdicts>,
    /// What it was made by; not before format 1.6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
}

/// A mean over the seeds of a case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// The mean over these seeds.
    pub mean: f64,
    /// The sample standard deviation; `None` for one seed.
    pub deviation: Option<f64>,
    /// How many seeds have a result.
    pub seeds: usize,
}

/// The time of a training step: of each process's fastest slice, the geometric mean over processes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepTime {
    /// The time as measured, in seconds.
    pub seconds: f64,
    /// In units of the calibration kernel; `None` where that could not be used.
    pub calibrated: Option<f64>,
    /// The sample standard deviation over processes, relative; `None` for one process.
    pub spread: Option<f64>,
    /// Samples trained on per second, at that time.
    pub samples_per_second: f64,
}

/// What a comparison said of a case, in the words of `tchbench diff`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// The verdict on accuracy and loss.
    pub accuracy: String,
    /// The verdict on throughput.
    pub throughput: String,
}

/// The histories of all suites in one results folder.
#[derive(Clone, Debug)]
pub struct History {
    folder: PathBuf,
}

impl History {
    /// Returns the history in this results folder, which need not be there yet.
    pub fn of(results: &Path) -> Self {
        History { folder: results.join("history") }
    }

    /// Returns the names of the suites that have a history.
    ///
    /// # Errors
    /// Fails if the folder cannot be read.
    pub fn suites(&self) -> Result<Vec<String>, Error> {
        if !self.folder.exists() {
            return Ok(Vec::new());
        }
        let suite = |path: &PathBuf| {
            let is_history = path.extension().is_some_and(|extension| extension == EXTENSION);
            is_history.then(|| path.file_stem()?.to_str().map(str::to_owned))?
        };
        Ok(list(&self.folder)?.iter().filter_map(suite).collect())
    }

    /// Reads a suite's nights as they were appended, and returns why some lines cannot be read, too. A last
    /// line without its line feed was cut off and does not count.
    ///
    /// # Errors
    /// Fails if the file cannot be read.
    pub fn read(&self, suite: &str) -> Result<(Vec<Night>, Vec<Error>), Error> {
        let path = self.path(suite);
        let content = files::read(&path, files::HISTORY).map_err(Error::read(&path))?;
        let ParsedLines { nights, errors, .. } = parse(&path, &content);
        Ok((nights, errors))
    }

    /// Appends what a night found, leaving out cases that this run has told of before, so that it can
    /// be called again after a death in the middle. It waits for others that append, takes away a last
    /// line that a death cut off, and returns when all is on disk.
    ///
    /// # Errors
    /// Where the files cannot be read or written.
    pub fn append(&self, nights: &[Night]) -> Result<(), Error> {
        let suites: BTreeSet<&str> = nights.iter().map(|night| night.suite.as_str()).collect();
        for suite in suites {
            let path = self.path(suite);
            let of_suite: Vec<&Night> = nights.iter().filter(|night| night.suite == suite).collect();
            append(&path, &of_suite)?;
        }
        Ok(())
    }

    fn path(&self, suite: &str) -> PathBuf {
        self.folder.join(format!("{suite}.{EXTENSION}"))
    }
}

const EXTENSION: &str = "jsonl";

fn append(path: &Path, nights: &[&Night]) -> Result<(), Error> {
    let open = || -> io::Result<_> {
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        let file = files::open_to_write(path)?;
        file.lock()?;
        let content = files::read_rest(&file, files::HISTORY)?;
        Ok((file, parse(path, &content)))
    };
    let (mut file, ParsedLines { nights: known, whole, .. }) = open().map_err(Error::write(path))?;
    let is_known =
        |night: &Night| known.iter().any(|other| other.run == night.run && other.case == night.case);
    let mut text = Vec::new();
    for night in nights.iter().filter(|night| !is_known(night)) {
        serde_json::to_writer(&mut text, night).map_err(Error::unwritable(path))?;
        text.push(b'\n');
    }
    let mut write = || {
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(&text)?;
        file.sync_all()?;
        sync_folder(parent(path))
    };
    write().map_err(Error::write(path))
}

/// What a file's whole lines hold.
struct ParsedLines {
    nights: Vec<Night>,
    /// Of those that hold none.
    errors: Vec<Error>,
    /// Their length; what follows was cut off.
    whole: u64,
}

fn parse(path: &Path, content: &[u8]) -> ParsedLines {
    let mut lines = ParsedLines { nights: Vec::new(), errors: Vec::new(), whole: 0 };
    let whole = content.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n"));
    for (index, line) in whole.enumerate() {
        lines.whole += line.len() as u64;
        match night(line).and_then(|night| of_suite(night, path)) {
            Ok(night) => lines.nights.push(night),
            Err(why) => lines.errors.push(Error::Night { path: path.to_owned(), line: index + 1, why }),
        }
    }
    lines
}

/// Returns the night, if it stands in the file of its suite.
fn of_suite(night: Night, path: &Path) -> Result<Night, String> {
    if path.file_stem().is_some_and(|stem| stem == night.suite.as_str()) {
        Ok(night)
    } else {
        Err(format!("it is of the suite {}", night.suite))
    }
}

fn night(line: &[u8]) -> Result<Night, String> {
    #[derive(Deserialize)]
    struct VersionedLine {
        format: Format,
    }
    let refuse = |error: serde_json::Error| error.to_string();
    // Text that was checked once need not be checked word by word.
    let read =
        str::from_utf8(line).map_or_else(|_| serde_json::from_slice(line), serde_json::from_str::<Night>);
    match read {
        Ok(night) if night.format.is_readable() => match night.validate() {
            Ok(()) => Ok(night),
            Err(why) => Err(why.to_string()),
        },
        // Another version may well have other fields: its number says more than the first of them.
        read => {
            let VersionedLine { format } = serde_json::from_slice(line).map_err(refuse)?;
            if format.is_readable() {
                return read.map_err(refuse);
            }
            Err(format!("format {format}, but this tchbench reads up to {}", Format::CURRENT))
        }
    }
}
