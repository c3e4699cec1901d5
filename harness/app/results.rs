//! Results folders, and the folders of new runs in them.

use std::path::Path;

use super::exit::{Exit, Failure};
use crate::recipe::{Name, NotAName};
use crate::record::Folder;

/// The results folder where none is named.
pub const RESULTS: &str = "results";

/// What a results folder holds besides runs, and what stands for one of them.
const RESERVED: [&str; 5] = ["latest", "history", "calibration", "published", "lock"];

/// The name of a new run's folder.
pub fn new_run_name(name: &str) -> Result<Name, String> {
    match RESERVED.contains(&name) {
        true => Err(format!("`{name}` has a meaning of its own in a results folder; give another name")),
        false => name.parse().map_err(|wanted: NotAName| wanted.to_string()),
    }
}

/// Creates the folder of a new run in `root`: `name` where one is given, else `default`, with a number where
/// that is taken.
pub fn folder(root: &Path, name: Option<&str>, default: &str) -> Result<Folder, Failure> {
    let Some(name) = name else { return Ok(Folder::create(root, default)?) };
    Folder::create_named(root, name)?.ok_or_else(|| {
        let message = format!("{} is there already; give another --name", root.join(name).display());
        Failure::new(Exit::Usage, message)
    })
}

/// Returns the words of this process's command line, for the record.
pub fn invocation() -> Vec<String> {
    std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect()
}
