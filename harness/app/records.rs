//! Records by path or by trial, as the command line names them.

use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use super::options::folders::DataFolder;
use super::runs::folder;
use crate::data::catalogue::require;
use crate::data::{Dataset, load_manifest};
use crate::recipe::ENGINE_REVISION;
use crate::record::{TrialRecord, read};

/// Reads the record that a user means: a record's file, or `RUN/SUITE/CASE/SEED` with a run by its name in
/// `results`, its path, or `latest`.
///
/// # Errors
/// Fails if there is no such record, or if it cannot be read.
pub fn find(results: &Path, name: &str) -> Result<TrialRecord, Failure> {
    locate(results, name).map(|(record, _)| record)
}

/// Reads a record as [`find`] does, and returns its path, too.
///
/// # Errors
/// Fails as [`find`] does.
pub fn locate(results: &Path, name: &str) -> Result<(TrialRecord, PathBuf), Failure> {
    let path = Path::new(name);
    if path.is_file() {
        return Ok((read(path)?, path.to_owned()));
    }
    of_run(results, name)
}

/// Loads the dataset of a record's trial.
///
/// # Errors
/// Fails if the dataset is not found or is not the trial's, or if another engine trained the trial.
pub fn dataset(record: &TrialRecord, name: &str, data: &DataFolder) -> Result<Dataset, Failure> {
    let refuse = |why: String| Failure::new(Exit::Incomparable, format!("{name}: {why}"));
    let trial = &record.trial;
    if trial.engine_revision != ENGINE_REVISION {
        return Err(refuse(format!(
            "it was trained by engine revision {}, this is {ENGINE_REVISION}; use the tchbench that made it",
            trial.engine_revision
        )));
    }
    let catalogue = data.catalogue();
    let manifest = require(&catalogue, &trial.experiment.data.dataset)?;
    let dataset = load_manifest(manifest, &data.roots())?;
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
