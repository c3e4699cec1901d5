//! Writes the kept weights of runs for another program.

use std::collections::BTreeMap;
use std::path::Path;

use crate::app::exit::{Exit, Failure};
use crate::app::options::folders::ResultsFolder;
use crate::app::options::selection::FilterOptions;
use crate::app::runs::{self, Runs, folder};
use crate::files;
use crate::record::{TrialRecord, write_bytes};
use crate::report::WeightsError;
use crate::terminal::tell;

/// Turns a trial's kept weights into what another program reads.
type Convert = fn(&TrialRecord, &[u8]) -> Result<Vec<u8>, WeightsError>;

/// Writes a file for each trial of runs whose weights were kept into `out`, beside a `loader`, and returns whether all
/// records could be read.
///
/// # Errors
/// Fails if no weights were kept, if some are not what the trial's record says, or if two runs hold one trial.
pub(super) fn write(
    convert: Convert,
    loader: (&str, &str),
    names: &[String],
    filters: &FilterOptions,
    results: &ResultsFolder,
    out: &Path,
) -> Result<bool, Failure> {
    let mut written: BTreeMap<String, &str> = BTreeMap::new();
    let mut without = 0;
    let mut is_whole = true;
    for name in names {
        let folder = folder(&results.folder, name)?;
        let mut found = Runs::of(&folder)?;
        is_whole &= found.is_whole();
        runs::select(&mut found.records, filters)?;
        for record in &found.records {
            let trial = &record.trial;
            let path = folder.weights_path(&trial.suite, &trial.case, trial.seed);
            if !path.exists() {
                without += 1;
                continue;
            }
            if let Some(first) = written.insert(trial.name(), name) {
                let message =
                    format!("{first} and {name} both hold {}; export them one by one", trial.name());
                return Err(Failure::new(Exit::Usage, message));
            }
            let unusable = |why: String| Failure::new(Exit::BadInput, format!("{}: {why}", path.display()));
            let content = files::read(&path, files::TENSORS)
                .map_err(|error| unusable(format!("cannot read: {error}")))?;
            let converted = convert(record, &content).map_err(|error| unusable(error.to_string()))?;
            let file = format!("{}/{}/seed-{}.safetensors", trial.suite, trial.case, trial.seed);
            write_bytes(&out.join(file), &converted)?;
        }
    }
    if written.is_empty() {
        let message = "nothing to export: no weights were kept; train with `tchbench run --keep-weights`";
        return Err(Failure::new(Exit::NothingSelected, message));
    }
    let (file, text) = loader;
    write_bytes(&out.join(file), text.as_bytes())?;
    tell!("{}: {} networks, and {file}", out.display(), written.len());
    if without > 0 {
        tell!("note: {without} trials kept no weights");
    }
    Ok(is_whole)
}
