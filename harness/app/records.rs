//! Runs, and records by path or by trial, as the command line gives them.

use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use crate::data::{self, Dataset, Roots};
use crate::recipe::{ENGINE_REVISION, Name};
use crate::record::{Folder, Latest, Run, TrialRecord, read};
use crate::suite::Selection;
use crate::terminal::tell;

/// The run that a user means: `latest`, a name in `results`, or a path. Where the latest is searched, runs
/// that cannot be read are told, and one from the future, which may hide those made since.
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

/// What the run made last is called.
const LATEST: &str = "latest";

/// Several runs with all their records.
pub struct Runs {
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
            let folder = folder(results, name)?;
            all.runs.push(folder.read_run()?);
            let (records, errors) = folder.read_trials();
            all.records.extend(records);
            errors.iter().for_each(|error| tell!("error: {error}"));
            all.unreadable += errors.len();
        }
        Ok(all)
    }

    /// Whether every record could be read.
    pub fn is_whole(&self) -> bool {
        self.unreadable == 0
    }
}

/// Leaves only the records whose case one of the filters means; all where there is none.
pub fn select(records: &mut Vec<TrialRecord>, filters: &[String]) -> Result<(), Failure> {
    let selection = Selection::new(filters, None)?;
    let names: Vec<(Name, Name)> =
        records.iter().map(|record| (record.trial.suite.clone(), record.trial.case.clone())).collect();
    let names: Vec<(&str, &str)> =
        names.iter().map(|(suite, case)| (suite.as_str(), case.as_str())).collect();
    let takes = selection.over(&names);
    records.retain(|TrialRecord { trial, .. }| takes(&trial.suite, &trial.case));
    Ok(())
}

/// The record that a user means: a record's file, or `RUN/SUITE/CASE/SEED` with a run by its name in
/// `results`, its path, or `latest`.
pub fn find(results: &Path, name: &str) -> Result<TrialRecord, Failure> {
    locate(results, name).map(|(record, _)| record)
}

/// As [`find`], with the record's path.
pub fn locate(results: &Path, name: &str) -> Result<(TrialRecord, PathBuf), Failure> {
    let path = Path::new(name);
    match path.is_file() {
        true => Ok((read(path)?, path.to_owned())),
        false => of_run(results, name),
    }
}

/// The dataset of a record's trial, if this program computes on it as the one that trained it did.
pub fn dataset(record: &TrialRecord, name: &str, data: Option<&Path>) -> Result<Dataset, Failure> {
    let refuse = |why: String| Failure::new(Exit::Incomparable, format!("{name}: {why}"));
    let trial = &record.trial;
    if trial.engine_revision != ENGINE_REVISION {
        return Err(refuse(format!(
            "it was trained by engine revision {}, this is {ENGINE_REVISION}; use the tchbench that made it",
            trial.engine_revision
        )));
    }
    let roots = Roots::from_environment(data.map(Path::to_owned));
    let dataset = data::load(&trial.experiment.data.dataset, &roots)?;
    if dataset.digests != trial.dataset {
        let differs = |(file, was): (&String, &String)| {
            let is = dataset.digests.get(file).filter(|is| *is != was)?;
            Some(format!("{file} has the digest {is}, the record's {was}"))
        };
        let files: Vec<String> = trial.dataset.iter().filter_map(differs).collect();
        return Err(refuse(format!("its dataset is another: {}", files.join("; "))));
    }
    Ok(dataset)
}

fn of_run(results: &Path, name: &str) -> Result<(TrialRecord, PathBuf), Failure> {
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
    let folder = folder(results, run)?;
    let record = folder.read_trial(suite, case, seed)?;
    let record =
        record.ok_or_else(|| unknown(&format!("{} has no record of that trial", folder.path().display())))?;
    Ok((record, folder.record_path(suite, case, seed)))
}
