//! What a format is in which whole runs leave the program for another tool.

use std::path::PathBuf;

use serde_json::Value;

use crate::record::{Night, Run, TrialRecord};

/// A format in which runs are written for another tool, chosen on the command line by its name.
#[derive(Clone, Copy, Debug)]
pub struct RunFormat {
    /// Its name on the command line.
    pub name: &'static str,
    /// What `--help` says about it.
    pub about: &'static str,
    /// What it is made of.
    pub source: ExportSource,
    /// How it is written.
    pub writer: RunWriter,
}

/// What a format is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportSource {
    /// The records of runs.
    Runs,
    /// All nights of the history, whatever their runs.
    History,
}

/// How a format is written.
#[derive(Clone, Copy, Debug)]
pub enum RunWriter {
    /// One text, which goes to stdout where no file is named.
    Text(fn(&ExportedRuns) -> String),
    /// Files of a folder.
    Files(fn(&ExportedRuns) -> Vec<ExportedFile>),
    /// A file for each trial's kept weights, and a loader.
    Weights {
        /// Returns the file of a trial, from its record and the weights that it kept.
        convert: fn(&TrialRecord, &[u8]) -> Result<Vec<u8>, WeightsError>,
        /// The name and the text of the loader.
        loader: (&'static str, &'static str),
    },
    /// Requests to a server.
    Server(fn(&ExportedRuns, &mut dyn JsonServer) -> Result<ServerSummary, ServerError>),
}

/// Why kept weights cannot be exported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeightsError {
    /// The file is no such file.
    #[error("these are no weights: {why}")]
    Broken {
        /// What is wrong with it.
        why: String,
    },
    /// They are not those of the trial.
    #[error(
        "`{name}` is not what the trial's record says; train it again with `tchbench run --keep-weights`"
    )]
    Other {
        /// The name of the tensor.
        name: String,
    },
}

/// A server that answers JSON with JSON.
pub trait JsonServer {
    /// Posts a request to a path of its API, and returns the answer.
    ///
    /// # Errors
    /// Fails if the server cannot be reached or refuses.
    fn post(&mut self, path: &str, request: &Value) -> Result<Value, ServerError>;
}

/// What was sent to a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerSummary {
    /// How many trials were sent.
    pub added: usize,
    /// How many it had already.
    pub present: usize,
}

/// Why a server did not take what was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// It cannot be reached, or it refuses.
    #[error("{path}: {why}")]
    Refused {
        /// The path of its API, or the whole address.
        path: String,
        /// What the server says.
        why: String,
    },
    /// Its answer lacks a field, so it is another server.
    #[error("{path}: the answer has no `{field}`; is this the address of such a server?")]
    Answer {
        /// The path of its API.
        path: &'static str,
        /// The name of the field.
        field: &'static str,
    },
}

/// What a format is given to write.
#[derive(Debug, Default)]
pub struct ExportedRuns {
    /// The plans of the runs.
    pub runs: Vec<Run>,
    /// The records of their trials.
    pub records: Vec<TrialRecord>,
    /// What nights found: those of these runs, or all of a history.
    pub nights: Vec<Night>,
}

/// A file of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedFile {
    /// Its path below the folder.
    pub path: PathBuf,
    /// All of its bytes.
    pub content: Vec<u8>,
}
