//! What can be wrong with the files of a dataset.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A file of a dataset that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}{}: {problem}", path.display(), place.as_ref().map(|place| format!(", {place}")).unwrap_or_default())]
pub struct FormatError {
    /// The file or folder.
    pub path: PathBuf,
    /// Where in it; `None` if it is the whole.
    pub place: Option<FilePlace>,
    /// What is wrong with it, and what to do.
    pub problem: FormatProblem,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilePlace {
    /// A line of a text, counted from 1.
    Line(u64),
    /// A sample, counted from 0.
    Sample(usize),
    /// An offset in bytes.
    Byte(u64),
    /// A member of an archive.
    Member(String),
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilePlace::Line(line) => write!(f, "line {line}"),
            FilePlace::Sample(sample) => write!(f, "sample {sample}"),
            FilePlace::Byte(offset) => write!(f, "byte {offset}"),
            FilePlace::Member(name) => write!(f, "{name}"),
        }
    }
}

/// What can be wrong with a file of a dataset.
#[derive(Debug, thiserror::Error)]
pub enum FormatProblem {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is not in the form that the format has, or holds what no dataset has.
    #[error("{0}")]
    Malformed(String),
    /// Its samples take too much memory.
    #[error("its samples take {needed} bytes, and at most {most} are allowed; take fewer or smaller samples")]
    TooLarge {
        /// How many bytes its samples take.
        needed: u64,
        /// How many bytes are allowed.
        most: u64,
    },
}

impl FormatError {
    /// Returns the error of a whole file.
    pub(super) fn of(path: &Path, problem: impl Into<FormatProblem>) -> Self {
        FormatError { path: path.to_owned(), place: None, problem: problem.into() }
    }

    /// Returns the error of a place in a file.
    pub(super) fn at(path: &Path, place: FilePlace, problem: impl Into<FormatProblem>) -> Self {
        FormatError { path: path.to_owned(), place: Some(place), problem: problem.into() }
    }
}

impl From<String> for FormatProblem {
    fn from(text: String) -> Self {
        FormatProblem::Malformed(text)
    }
}

impl From<&str> for FormatProblem {
    fn from(text: &str) -> Self {
        FormatProblem::Malformed(text.to_owned())
    }
}
