//! What nights found, on stdout.

use std::collections::BTreeSet;

use super::exit::{Exit, Failure};
use super::options::folders::ResultsFolder;
use super::options::output::OutputOptions;
use crate::record::History;
use crate::report;
use crate::suite::Selection;
use crate::terminal::tell;

/// Prints the last nights of the cases that are named, or of all, in the suites that are named, or in all. Returns
/// the exit code.
///
/// # Errors
/// Fails if a case's name makes no sense, or if there is no history.
pub fn show(
    results: &ResultsFolder,
    suites: &[String],
    cases: &[String],
    last: u32,
    output: OutputOptions,
) -> Result<Exit, Failure> {
    let selection = Selection::new(cases, None)?;
    let history = History::of(&results.folder);
    let suites = if suites.is_empty() { history.suites()? } else { suites.to_vec() };
    if suites.is_empty() {
        let message =
            format!("{}: no history here yet; `tchbench nightly` writes one", results.folder.display());
        return Err(Failure::new(Exit::BadInput, message));
    }
    let mut nights = Vec::new();
    let mut unreadable = Vec::new();
    for suite in suites {
        let (read, errors) = history.read(&suite)?;
        nights.extend(read);
        unreadable.extend(errors);
    }
    if !cases.is_empty() {
        let all: BTreeSet<(&str, &str)> =
            nights.iter().map(|night| (night.suite.as_str(), night.case.as_str())).collect();
        let takes = selection.over(&all.into_iter().collect::<Vec<_>>());
        nights.retain(|night| takes(&night.suite, &night.case));
    }
    output.print(&report::history(&nights, last as usize));
    for error in &unreadable {
        tell!("error: {error}");
    }
    if !unreadable.is_empty() {
        return Ok(Exit::BadInput);
    }
    if nights.is_empty() {
        tell!("nothing to show: no case of the history matches");
        return Ok(Exit::NothingSelected);
    }
    Ok(Exit::Success)
}
