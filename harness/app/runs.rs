//! Runs as the command line names them, and all their records.

use std::path::Path;

use super::exit::Failure;
use super::options::selection::FilterOptions;
use crate::recipe::Name;
use crate::record::{Folder, Latest, Run, TrialRecord};
use crate::suite::Selection;
use crate::terminal::tell;

/// What stands for the run that began last.
const LATEST: &str = "latest";

/// Returns the folder of the run that a user means: `latest`, a name in `results`, or a path. Where the latest
/// is searched, runs that cannot be read are told, and one from the future, which may hide those made since.
///
/// # Errors
/// Fails if there is no such run.
pub fn folder(results: &Path, name: &str) -> Result<Folder, Failure> {
    if name != LATEST {
        return Ok(Folder::find(results, name)?);
    }
    let Latest { folder, began, unreadable } = Folder::latest(results)?;
    unreadable.iter().for_each(|error| tell!("note: looking for the latest run: {error}"));
    if began > jiff::Timestamp::now() {
        let path = folder.path().display();
        tell!("note: the latest run, {path}, began in the future of this machine's clock: {began:.0}");
    }
    Ok(folder)
}

/// Several runs with all their records.
#[derive(Default)]
pub struct Runs {
    /// The plans of the runs.
    pub runs: Vec<Run>,
    /// The records of all of them.
    pub records: Vec<TrialRecord>,
    unreadable: usize,
}

impl Runs {
    /// Reads runs by their names in `results` or their paths. Records that cannot be read are told on stderr and
    /// left out.
    ///
    /// # Errors
    /// Fails if a run does not exist, or if its plan cannot be read.
    pub fn read(results: &Path, names: &[String]) -> Result<Self, Failure> {
        let mut all = Runs::default();
        for name in names {
            all.add(&folder(results, name)?)?;
        }
        Ok(all)
    }

    /// Reads one run.
    ///
    /// # Errors
    /// Fails if its plan cannot be read.
    pub fn of(folder: &Folder) -> Result<Self, Failure> {
        let mut one = Runs::default();
        one.add(folder)?;
        Ok(one)
    }

    fn add(&mut self, folder: &Folder) -> Result<(), Failure> {
        self.runs.push(folder.read_run()?);
        let (records, errors) = folder.read_trials();
        self.records.extend(records);
        errors.iter().for_each(|error| tell!("error: {error}"));
        self.unreadable += errors.len();
        Ok(())
    }

    /// Returns whether every record could be read.
    pub fn is_whole(&self) -> bool {
        self.unreadable == 0
    }
}

/// Keeps only the records whose case one of the filters means; all where there is no filter.
///
/// # Errors
/// Fails if a filter makes no sense.
pub fn select(records: &mut Vec<TrialRecord>, filters: &FilterOptions) -> Result<(), Failure> {
    let selection = Selection::new(&filters.patterns, None)?;
    let names: Vec<(Name, Name)> =
        records.iter().map(|record| (record.trial.suite.clone(), record.trial.case.clone())).collect();
    let names: Vec<(&str, &str)> =
        names.iter().map(|(suite, case)| (suite.as_str(), case.as_str())).collect();
    let takes = selection.over(&names);
    records.retain(|TrialRecord { trial, .. }| takes(&trial.suite, &trial.case));
    Ok(())
}
