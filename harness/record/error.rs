//! Why a file cannot be written, read or believed.

use std::io;
use std::path::{Path, PathBuf};

use super::format::Format;
use crate::recipe::NameError;
use crate::valid::Invalid;

/// Why a file cannot be written, read or believed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refuses to read.
    #[error("{}: cannot read: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why the system refused it.
        source: io::Error,
    },
    /// The file system refuses to write.
    #[error("{}: cannot write: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why the system refused it.
        source: io::Error,
    },
    /// No space is left.
    #[error(
        "{}: no space left to write it; free some or choose another folder, what was written before is kept",
        path.display()
    )]
    Full {
        /// The file that was to be written.
        path: PathBuf,
    },
    /// Beyond the limit of this process, or of the file system.
    #[error(
        "{}: it would be larger than a file may be here; raise the limit (`ulimit -f`) or choose another folder, \
         what was written before is kept",
        path.display()
    )]
    TooLarge {
        /// The file that was to be written.
        path: PathBuf,
    },
    /// Not JSON, or not to its end.
    #[error("{}: not a whole JSON file ({source}); it was cut off or is no record", path.display())]
    Syntax {
        /// The path of the file.
        path: PathBuf,
        /// Where, and what was expected.
        source: serde_json::Error,
    },
    /// JSON without a version.
    #[error("{}: no field `format` with `major` and `minor`; it is no record of tchbench", path.display())]
    NoFormat {
        /// The path of the file.
        path: PathBuf,
    },
    /// Written by a program that this one does not understand.
    #[error(
        "{}: format {found}, but this tchbench reads {}.0 to {}; use the tchbench that wrote it or a newer one",
        path.display(), Format::CURRENT.major, Format::CURRENT
    )]
    Format {
        /// The path of the file.
        path: PathBuf,
        /// The version that the file states.
        found: Format,
    },
    /// The file does not end in a digest.
    #[error("{}: does not end in a `digest` line; it was edited or reformatted", path.display())]
    NoDigest {
        /// The path of the file.
        path: PathBuf,
    },
    /// The content is not what was written.
    #[error("{}: digest {stated}, but the content gives {actual}; it was edited or damaged", path.display())]
    Digest {
        /// The path of the file.
        path: PathBuf,
        /// The digest that the file states.
        stated: String,
        /// The digest of what the file holds.
        actual: String,
    },
    /// The content is intact but not what this file should hold.
    #[error("{}: {source}", path.display())]
    Fields {
        /// The path of the file.
        path: PathBuf,
        /// Which field, and what was expected.
        source: serde_json::Error,
    },
    /// The content is intact, but nothing that tchbench does leaves it.
    #[error("{}: {source}; tchbench writes no such file: it was edited, and sealed anew", path.display())]
    Invalid {
        /// The path of the file.
        path: PathBuf,
        /// Which field, and what is wrong with it.
        source: Invalid,
    },
    /// A value with no JSON form.
    #[error("{}: cannot be put into JSON: {source}", path.display())]
    Unwritable {
        /// The file that was to be written.
        path: PathBuf,
        /// The value, and why.
        source: serde_json::Error,
    },
    /// A trial's record under another trial's name.
    #[error("{}: holds the record of {holds}; put it back under that name", path.display())]
    Misplaced {
        /// The path of the file.
        path: PathBuf,
        /// The trial that its content is of, as `suite/case/seed`.
        holds: String,
    },
    /// A measurement beside trials that are not of its experiment.
    #[error(
        "{}: {case} was measured with another recipe, dataset or environment than it was trained with; \
         measure it in a run of its own",
        path.display()
    )]
    Mixed {
        /// The path of the run's folder.
        path: PathBuf,
        /// The name of the case, as `suite/case`.
        case: String,
    },
    /// Measurements of one run that were made on several machines.
    #[error(
        "{}: {case} was measured with other software or on another machine than the cases before it; \
         measure all again in a run of its own",
        path.display()
    )]
    Machines {
        /// The path of the run's folder.
        path: PathBuf,
        /// The name of the case, as `suite/case`.
        case: String,
    },
    /// A line of an event log that is no event, though it is not the last.
    #[error("{}:{line}: not an event: {source}", path.display())]
    Event {
        /// The path of the file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// Which field, and what was expected.
        source: serde_json::Error,
    },
    /// A line of a history that is no night, though it is not the last.
    #[error("{}:{line}: not a night's line, left out: {why}", path.display())]
    Night {
        /// The path of the file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// Which field or version, and what was expected.
        why: String,
    },
    /// Trained weights that are not there.
    #[error("{}: the weights are not here; train it with `tchbench run --keep-weights`", path.display())]
    NoWeights {
        /// The path where they would be.
        path: PathBuf,
    },
    /// Trained weights of a trial that failed.
    #[error("{}: no weights were kept, because {trial} has no result", path.display())]
    NoResult {
        /// The path where they would be.
        path: PathBuf,
        /// The name of the trial, as `suite/case/seed`.
        trial: String,
    },
    /// A folder whose name cannot be a run's.
    #[error("{}: cannot be the name of a run: {source}", path.display())]
    Name {
        /// The path of the run's folder.
        path: PathBuf,
        /// What is wrong with its name.
        source: NameError,
    },
    /// A folder that workers cannot be told of.
    #[error("{}: this path is not UTF-8, so no run can be written here; choose another folder", path.display())]
    NotUtf8 {
        /// The path of the folder.
        path: PathBuf,
    },
    /// Another process writes to the folder.
    #[error("{}: another tchbench is running in this folder; wait for it or choose another", path.display())]
    Locked {
        /// The path of the run's folder.
        path: PathBuf,
    },
    /// A folder without a `run.json`.
    #[error(
        "{}: no run here (there is no run.json in it: a run that was killed before it wrote one left nothing)",
        path.display()
    )]
    NoRun {
        /// The path of the folder.
        path: PathBuf,
    },
    /// Nothing to take the latest of.
    #[error("{}: no runs here yet; start one with `tchbench run`", path.display())]
    NoRuns {
        /// The path of the results folder.
        path: PathBuf,
    },
}

impl Error {
    /// Returns whether the file can be read but is not what was written there, so that it is worth as much
    /// as none. A file that another version wrote is not damaged.
    pub fn is_damage(&self) -> bool {
        self.damaged().is_some()
    }

    /// Returns the file whose content cannot be believed, if that is what is wrong.
    pub fn damaged(&self) -> Option<&Path> {
        use Error::*;
        match self {
            Syntax { path, .. }
            | NoFormat { path }
            | NoDigest { path }
            | Digest { path, .. }
            | Fields { path, .. }
            | Invalid { path, .. }
            | Misplaced { path, .. } => Some(path),
            _ => None,
        }
    }

    /// Returns whether there is no such file.
    pub fn is_absence(&self) -> bool {
        matches!(self, Error::Read { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }

    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Read { path, source }
    }

    pub(super) fn unwritable(path: &Path) -> impl FnOnce(serde_json::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Unwritable { path, source }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::Full { path },
            io::ErrorKind::FileTooLarge => Error::TooLarge { path },
            _ => Error::Write { path, source },
        }
    }
}
