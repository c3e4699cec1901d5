//! Writes the page of experiments.

use std::io::ErrorKind;
use std::path::Path;

use super::exit::{Exit, Failure};
use super::looks::add_looks;
use super::options::folders::{DataFolder, ResultsFolder};
use super::runs::{Runs, folder};
use crate::files;
use crate::record::write_bytes;
use crate::report::{self, Published};
use crate::suite::load_all_with;
use crate::terminal::tell;

/// Writes the page `out` and its pictures, of all suites in a folder and the runs named, and returns the exit
/// code.
///
/// # Errors
/// Fails if `out` is another file, if a suite or a run cannot be read, or if a file cannot be written.
pub fn write(out: &Path, suites: &Path, results: &ResultsFolder, runs: &[String]) -> Result<Exit, Failure> {
    let Some(name) = out.file_stem().filter(|_| out.extension().is_some_and(|end| end == "md")) else {
        let message = format!("--out {}: the page's name ends in .md", out.display());
        return Err(Failure::new(Exit::Usage, message));
    };
    keep_others(out)?;
    let profiles = load_all_with(suites, &DataFolder::default().catalogue())?;
    let suites: Vec<_> = profiles.into_iter().filter_map(|suites| suites.into_iter().next()).collect();
    let found = Runs::read(&results.folder, runs)?;
    let is_whole = found.is_whole();
    let mut published =
        Published { runs: found.runs, records: found.records, robustness: Vec::new(), looks: Vec::new() };
    let mut complaints = Vec::new();
    for run in runs {
        complaints.extend(add_looks(&folder(&results.folder, run)?, &mut published));
    }
    complaints.iter().for_each(|complaint| tell!("error: {complaint}"));
    let page = report::page(&suites, &published, &name.to_string_lossy());
    let beside = out.parent().unwrap_or(Path::new("")).join(name);
    for (picture, svg) in &page.pictures {
        write_bytes(&beside.join(picture), svg.as_bytes())?;
    }
    write_bytes(out, page.text.as_bytes())?;
    tell!("{}, and {} pictures in {}", out.display(), page.pictures.len(), beside.display());
    Ok(if is_whole && complaints.is_empty() { Exit::Success } else { Exit::BadInput })
}

/// Refuses to write over a file that is no page.
fn keep_others(out: &Path) -> Result<(), Failure> {
    let is_page = match files::read_text(out, files::RECORD) {
        Ok(text) => report::is_page(&text),
        Err(error) => error.kind() == ErrorKind::NotFound,
    };
    if is_page {
        return Ok(());
    }
    let message = format!("--out {}: what is there is no page; give another name", out.display());
    Err(Failure::new(Exit::Usage, message))
}
