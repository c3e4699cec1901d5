//! Results folders, and the folders of new runs in them.

use std::path::Path;

use super::exit::{Exit, Failure};
use crate::recipe::{Name, NameError};
use crate::record::Folder;

/// The results folder where none is named.
pub const RESULTS: &str = "results";

/// What a results folder holds besides runs, and what stands for one of them.
const RESERVED: [&str; 5] = ["latest", "history", "calibration", "published", "lock"];

/// Reads the name of a new run's folder.
///
/// # Errors
/// Returns what to give instead of another text.
pub fn new_run_name(name: &str) -> Result<Name, String> {
    if RESERVED.contains(&name) {
        return Err(format!("`{name}` has a meaning of its own in a results folder; give another name"));
    }
    name.parse().map_err(|wanted: NameError| wanted.to_string())
}

/// Creates the folder of a new run in `root`: `name` where one is given, else `default`, with a number where
/// that is taken.
///
/// # Errors
/// Fails if `name` is taken, or if the folder cannot be written.
pub fn create_folder(root: &Path, name: Option<&Name>, default: &str) -> Result<Folder, Failure> {
    let Some(name) = name else { return Ok(Folder::create(root, default)?) };
    Folder::create_named(root, name)?.ok_or_else(|| {
        let message = format!("{} is there already; give another --name", root.join(name.as_str()).display());
        Failure::new(Exit::Usage, message)
    })
}

/// Returns the words of this process's command line, for the record.
pub fn invocation() -> Vec<String> {
    std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect()
}
