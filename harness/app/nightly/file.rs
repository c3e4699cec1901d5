//! Files that a night writes for others.

use std::path::Path;

use crate::app::exit::{Exit, Failure};

/// The files that a night writes besides its records.
#[derive(Clone, Copy, Debug)]
pub struct NightFiles<'a> {
    /// The summary as markdown.
    pub summary: Option<&'a Path>,
    /// The gauges that Prometheus collects.
    pub prometheus: Option<&'a Path>,
}

/// Writes a text to a file, which need not be a regular one.
///
/// # Errors
/// Fails if the file cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text)
        .map_err(|error| Failure::new(Exit::BadInput, format!("{}: cannot write: {error}", path.display())))
}
