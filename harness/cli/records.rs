//! Runs, and records by path or by trial, as the command line gives them.

use std::path::Path;

use super::{Exit, Failure};
use crate::record::{Folder, Run, TrialRecord, read};
use crate::suite::identity;

/// Several runs with all their records.
pub(super) struct Runs {
    pub runs: Vec<Run>,
    pub records: Vec<TrialRecord>,
    unreadable: usize,
}

impl Runs {
    /// The runs by name in `results` or by path. Records that cannot be read are told on stderr and
    /// left out.
    pub fn read(results: &Path, names: &[String]) -> Result<Self, Failure> {
        let mut all = Runs { runs: Vec::new(), records: Vec::new(), unreadable: 0 };
        for name in names {
            let folder = Folder::find(results, name)?;
            all.runs.push(folder.read_run()?);
            let (records, errors) = folder.read_trials();
            all.records.extend(records);
            errors.iter().for_each(|error| eprintln!("error: {error}"));
            all.unreadable += errors.len();
        }
        Ok(all)
    }

    /// Whether every record could be read.
    pub fn is_whole(&self) -> bool {
        self.unreadable == 0
    }
}

/// The record that a user means: a record's file, or `RUN/SUITE/CASE/SEED` with a run by its name in
/// `results`, its path, or `latest`.
pub(super) fn find(results: &Path, name: &str) -> Result<TrialRecord, Failure> {
    let path = Path::new(name);
    let record = if path.is_file() { read(path)? } else { of_run(results, name)? };
    check(name, record)
}

fn of_run(results: &Path, name: &str) -> Result<TrialRecord, Failure> {
    let unknown = |why: &str| {
        let message = format!(
            "no record `{name}`: {why}; give a record's .json file, or RUN/SUITE/CASE/SEED as in \
             latest/smoke/mlp/1"
        );
        Failure::new(Exit::BadInput, message)
    };
    let parts: Vec<&str> = name.rsplitn(4, '/').collect();
    let &[seed, case, suite, run] = parts.as_slice() else {
        return Err(unknown("there is no such file"));
    };
    let seed = seed.parse().map_err(|_| unknown(&format!("`{seed}` is neither a file nor a seed")))?;
    let folder = Folder::find(results, run)?;
    let record = folder.read_trial(suite, case, seed)?;
    record.ok_or_else(|| unknown(&format!("{} has no record of that trial", folder.path().display())))
}

/// A record whose identity is that of its content, as far as this version can tell.
fn check(name: &str, record: TrialRecord) -> Result<TrialRecord, Failure> {
    let trial = &record.trial;
    let actual = identity(&trial.experiment, trial.seed, &trial.dataset, &trial.environment);
    if trial.engine_revision == crate::suite::ENGINE_REVISION && actual != trial.identity {
        let message = format!(
            "{name}: its identity is {}, but its content has {actual}; it was edited",
            trial.identity
        );
        return Err(Failure::new(Exit::BadInput, message));
    }
    Ok(record)
}
