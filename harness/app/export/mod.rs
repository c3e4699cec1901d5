//! Writes runs for other tools.

mod server;
mod weights;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use self::server::HttpServer;
use super::exit::{Exit, Failure};
use super::options::folders::ResultsFolder;
use super::options::selection::FilterOptions;
use super::runs::{self, Runs};
use crate::record::{History, Night, write_bytes};
use crate::report::{ExportSource, ExportedFile, ExportedRuns, RunFormat, RunWriter};
use crate::suite::Selection;
use crate::terminal::{print, tell};

/// Where what is exported goes.
#[derive(Clone, Debug)]
pub struct ExportTarget {
    /// The file or folder; stdout where none is named.
    pub out: Option<PathBuf>,
    /// The address of a server.
    pub url: Option<String>,
}

/// Writes runs in a format, and returns the exit code.
///
/// # Errors
/// Fails if the command line makes no sense for the format, if a run or the history cannot be read, or if a file cannot
/// be written.
pub fn export(
    format: &RunFormat,
    target: &ExportTarget,
    names: &[String],
    filters: &FilterOptions,
    results: &ResultsFolder,
) -> Result<Exit, Failure> {
    let latest = ["latest".to_owned()];
    let runs = if names.is_empty() { &latest } else { names };
    let (exported, is_whole) = match (format.source, format.writer) {
        (_, RunWriter::Weights { convert, loader }) => {
            let out = target.folder(format)?;
            let is_whole = weights::write(convert, loader, runs, filters, results, out)?;
            return Ok(exit(is_whole));
        }
        (ExportSource::History, _) if names.is_empty() => of_history(filters, results)?,
        (ExportSource::History, _) => {
            let message = format!(
                "{} is made of the whole history in {}; name no run",
                format.name,
                results.folder.display()
            );
            return Err(Failure::new(Exit::Usage, message));
        }
        _ => of_runs(runs, filters, results)?,
    };
    if exported.records.is_empty() && exported.nights.is_empty() {
        return Err(Failure::new(
            Exit::NothingSelected,
            "nothing to export: no record or night is there or matches",
        ));
    }
    write(format, target, &exported)?;
    Ok(exit(is_whole))
}

fn exit(is_whole: bool) -> Exit {
    if is_whole { Exit::Success } else { Exit::BadInput }
}

impl ExportTarget {
    /// Returns the folder that a format of several files is written to.
    fn folder(&self, format: &RunFormat) -> Result<&Path, Failure> {
        let wrong = |what: &str| Failure::new(Exit::Usage, format!("{}: {what}", format.name));
        match self {
            ExportTarget { out: Some(out), url: None } => Ok(out),
            ExportTarget { url: Some(_), .. } => {
                Err(wrong("it goes to no server: give --out in place of --url"))
            }
            ExportTarget { .. } => Err(wrong("it is several files: name their folder with --out DIR")),
        }
    }
}

fn write(format: &RunFormat, target: &ExportTarget, exported: &ExportedRuns) -> Result<(), Failure> {
    let wrong = |what: &str| Failure::new(Exit::Usage, format!("{}: {what}", format.name));
    match (format.writer, target) {
        (RunWriter::Server(send), ExportTarget { url: Some(url), out: None }) => {
            let mut server = HttpServer::new(url);
            let sent = send(exported, &mut server).map_err(|error| Failure::new(Exit::BadInput, error))?;
            tell!("{url}: {} trials added, {} were there", sent.added, sent.present);
            Ok(())
        }
        (RunWriter::Server(_), _) => Err(wrong("it goes to a server: give its --url, and no --out")),
        (_, ExportTarget { url: Some(_), .. }) => {
            Err(wrong("it goes to no server: give --out in place of --url"))
        }
        (RunWriter::Text(write), ExportTarget { out: None, .. }) => {
            print(&write(exported));
            Ok(())
        }
        (RunWriter::Text(write), ExportTarget { out: Some(out), .. }) => {
            Ok(write_bytes(out, write(exported).as_bytes())?)
        }
        (RunWriter::Files(write), target) => write_files(target.folder(format)?, &write(exported)),
        // Their records alone are not enough.
        (RunWriter::Weights { .. }, _) => Ok(()),
    }
}

fn write_files(folder: &Path, files: &[ExportedFile]) -> Result<(), Failure> {
    for ExportedFile { path, content } in files {
        write_bytes(&folder.join(path), content)?;
    }
    tell!("{}: {} files", folder.display(), files.len());
    Ok(())
}

/// Returns runs with what nights found of them, and whether all could be read.
fn of_runs(
    names: &[String],
    filters: &FilterOptions,
    results: &ResultsFolder,
) -> Result<(ExportedRuns, bool), Failure> {
    let mut found = Runs::read(&results.folder, names)?;
    runs::select(&mut found.records, filters)?;
    let is_whole = found.is_whole();
    let (mut nights, unreadable) = read_history(results)?;
    let is_exported = |night: &Night| {
        let cases = || found.records.iter().map(|record| (&record.trial.suite, &record.trial.case));
        found.runs.iter().any(|run| run.name == night.run)
            && cases().any(|case| case == (&night.suite, &night.case))
    };
    nights.retain(is_exported);
    Ok((ExportedRuns { runs: found.runs, records: found.records, nights }, is_whole && unreadable == 0))
}

/// Returns all nights of cases that the filters mean, and whether all could be read.
fn of_history(filters: &FilterOptions, results: &ResultsFolder) -> Result<(ExportedRuns, bool), Failure> {
    let selection = Selection::new(&filters.patterns, None)?;
    let (mut nights, unreadable) = read_history(results)?;
    let all: BTreeSet<(String, String)> =
        nights.iter().map(|night| (night.suite.to_string(), night.case.to_string())).collect();
    let names: Vec<(&str, &str)> = all.iter().map(|(suite, case)| (suite.as_str(), case.as_str())).collect();
    let takes = selection.over(&names);
    nights.retain(|night| takes(&night.suite, &night.case));
    Ok((ExportedRuns { nights, ..ExportedRuns::default() }, unreadable == 0))
}

/// Returns the nights of all suites, and how many lines cannot be read. These are told.
fn read_history(results: &ResultsFolder) -> Result<(Vec<Night>, usize), Failure> {
    let history = History::of(&results.folder);
    let mut nights = Vec::new();
    let mut unreadable = 0;
    for suite in history.suites()? {
        let (read, errors) = history.read(&suite)?;
        nights.extend(read);
        errors.iter().for_each(|error| tell!("error: {error}"));
        unreadable += errors.len();
    }
    Ok((nights, unreadable))
}
