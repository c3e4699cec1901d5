//! What of a plan was done before: the records that hold, and the checkpoints to go on from. What
//! cannot be believed is set aside.

use std::path::Path;

use super::plan::{Error, Plan};
use super::progress::Observer;
use super::summary::RunSummary;
use crate::recipe::Trial;
use crate::record::{Folder, TrialRecord, set_aside};

/// Counts the trials of `plan` that are trained here and have a record, and returns the indices of the others, too. Their
/// checkpoints are whole and theirs, or are there no more. The folder must be locked.
///
/// # Errors
/// Fails if the folder cannot be read or written.
pub(super) fn survey(
    plan: &Plan,
    folder: &Folder,
    retry_failed: bool,
    observer: &mut dyn Observer,
) -> Result<(RunSummary, Vec<usize>), Error> {
    let mut summary = RunSummary::default();
    let mut remaining = Vec::new();
    for index in plan.own_trials() {
        let trial = &plan.trials[index];
        let record = kept_record(trial, folder, observer)?;
        match record.filter(|record| record.status.is_success() || !retry_failed) {
            Some(record) => {
                summary.count(&record);
                if record.has_ended() {
                    folder.remove_checkpoint(&trial.suite, &trial.case, trial.seed)?;
                }
                observer.kept(&record);
            }
            None => {
                check_checkpoint(trial, folder, observer)?;
                remaining.push(index);
            }
        }
    }
    Ok((summary, remaining))
}

/// The trial's record, unless it cannot be believed.
fn kept_record(
    trial: &Trial,
    folder: &Folder,
    observer: &mut dyn Observer,
) -> Result<Option<TrialRecord>, Error> {
    let path = folder.record_path(&trial.suite, &trial.case, trial.seed);
    let why = match folder.read_trial(&trial.suite, &trial.case, trial.seed) {
        Ok(Some(record)) if record.trial != *trial => other(&path, &record.trial.identity, trial),
        Err(error) if error.is_damage() => error.to_string(),
        kept => return Ok(kept?),
    };
    let aside = set_aside(&path)?;
    observer.warn(&format!("{why}; it is set aside as {}, and the trial is done again", name(&aside)));
    Ok(None)
}

/// Sets the trial's checkpoint aside unless a worker can go on from it.
fn check_checkpoint(trial: &Trial, folder: &Folder, observer: &mut dyn Observer) -> Result<(), Error> {
    let Trial { suite, case, seed, .. } = trial;
    let why = match folder.read_checkpoint(suite, case, *seed) {
        Ok(Some(checkpoint)) if checkpoint.identity != trial.identity => {
            let path = folder.checkpoint_path(suite, case, *seed).with_extension("checkpoint.json");
            other(&path, &checkpoint.identity, trial)
        }
        // Tensors may not be there.
        Err(error) if error.is_damage() || error.is_absence() => error.to_string(),
        kept => return Ok(kept.map(drop)?),
    };
    set_checkpoint_aside(trial, folder, &why, observer).map(drop)
}

/// Sets the trial's checkpoint aside, and warns why and where it is now. Returns whether there was one.
///
/// # Errors
/// Fails if the folder cannot be written.
pub(super) fn set_checkpoint_aside(
    trial: &Trial,
    folder: &Folder,
    why: &str,
    observer: &mut dyn Observer,
) -> Result<bool, Error> {
    let aside = folder.set_checkpoint_aside(&trial.suite, &trial.case, trial.seed)?;
    if aside.is_empty() {
        return Ok(false);
    }
    let names: Vec<String> = aside.iter().map(|path| name(path)).collect();
    observer.warn(&format!(
        "{why}; the checkpoint is set aside as {}, and the trial begins anew",
        names.join(", ")
    ));
    Ok(true)
}

fn other(path: &Path, identity: &str, trial: &Trial) -> String {
    format!(
        "{}: is of another trial than the one planned, with identity {identity} instead of {}",
        path.display(),
        trial.identity
    )
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
