//! Which run's record of each trial counts.

use super::parts::MergedRun;
use crate::app::exit::Failure;
use crate::app::robustness::kept::kept_of;
use crate::compare::{first_difference, results};
use crate::recipe::Trial;
use crate::record::{Folder, Run, TrialKey, TrialRecord};

/// What is to be copied, and what is told of the rest.
#[derive(Default)]
pub struct MergeChoice<'a> {
    /// The trials to copy, each with the folder that it is in.
    pub copies: Vec<(&'a Folder, &'a TrialKey)>,
    /// The trials whose scores on changed test images are to be copied, each with the folder that they are in.
    pub scores: Vec<(&'a Folder, &'a TrialKey)>,
    /// The number of trials with a record.
    pub recorded: usize,
    /// The number of trials whose record holds no result.
    pub failed: usize,
    /// The names of the trials without a record.
    pub missing: Vec<String>,
    /// Why records or scores cannot be believed.
    pub unreadable: Vec<String>,
    /// Trials of which two runs hold different bits.
    pub drifted: Vec<String>,
}

/// A record, and the folder that it is in.
struct FoundRecord<'a> {
    folder: &'a Folder,
    record: TrialRecord,
    is_here: bool,
}

/// Chooses for each trial of `run` the record that is `here`, where the run is merged, or in the first part that has one: a
/// result before a failure. Scores of that record's weights on changed test images are taken from wherever they are.
///
/// # Errors
/// Fails if a folder cannot be read.
pub fn choose<'a>(
    run: &'a Run,
    here: Option<&'a Folder>,
    parts: &'a [MergedRun],
) -> Result<MergeChoice<'a>, Failure> {
    let mut choice = MergeChoice::default();
    for (index, key) in run.trials.iter().enumerate() {
        let others = parts.iter().filter(|part| part.trains(index)).map(|part| (&part.folder, false));
        let folders = here.map(|folder| (folder, true)).into_iter().chain(others);
        let mut best: Option<FoundRecord<'a>> = None;
        for (folder, is_here) in folders.clone() {
            let Some(record) = read(folder, key, run, &mut choice)? else { continue };
            if let Some(other) = &best {
                choice.drifted.extend(drift(&other.record, other.folder, &record, folder));
            }
            if best.as_ref().is_none_or(|best| rank(&record) > rank(&best.record)) {
                best = Some(FoundRecord { folder, record, is_here });
            }
        }
        match best {
            None => choice.missing.push(format!("{}/{}/{}", key.suite, key.case, key.seed)),
            Some(found) => {
                choice.recorded += 1;
                choice.failed += usize::from(!found.record.status.is_success());
                if !found.is_here {
                    choice.copies.push((found.folder, key));
                }
                if let Some((folder, false)) = scored(folders, &found.record, &mut choice.unreadable)? {
                    choice.scores.push((folder, key));
                }
            }
        }
    }
    Ok(choice)
}

/// Returns the first of these folders that holds scores of this record's weights on changed test images.
fn scored<'a>(
    folders: impl Iterator<Item = (&'a Folder, bool)>,
    record: &TrialRecord,
    unreadable: &mut Vec<String>,
) -> Result<Option<(&'a Folder, bool)>, Failure> {
    for (folder, is_here) in folders {
        match kept_of(folder, record) {
            Ok(None) => {}
            Ok(Some(_)) => return Ok(Some((folder, is_here))),
            Err(error) if error.is_damage() => unreadable.push(error.to_string()),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(None)
}

/// A result counts more than a failure, and one that diverged more than one that was killed.
fn rank(record: &TrialRecord) -> (bool, bool) {
    (record.status.is_success(), record.has_ended())
}

fn read(
    folder: &Folder,
    key: &TrialKey,
    run: &Run,
    choice: &mut MergeChoice<'_>,
) -> Result<Option<TrialRecord>, Failure> {
    let TrialKey { suite, case, seed, identity } = key;
    let record = match folder.read_trial(suite, case, *seed) {
        Ok(record) => record,
        Err(error) if error.is_damage() => {
            choice.unreadable.push(error.to_string());
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let is_planned = |trial: &Trial| {
        trial.identity == *identity && trial.environment == run.environment.of(&trial.experiment)
    };
    if let Some(other) = record.as_ref().filter(|record| !is_planned(&record.trial)) {
        let path = folder.record_path(suite, case, *seed);
        choice.unreadable.push(format!(
            "{}: is of another trial than the one planned, with identity {} instead of {identity}",
            path.display(),
            other.trial.identity
        ));
        return Ok(None);
    }
    Ok(record)
}

/// What is told of two records of one trial that do not hold the same bits.
fn drift(a: &TrialRecord, in_a: &Folder, b: &TrialRecord, in_b: &Folder) -> Option<String> {
    let trial = &a.trial;
    let path = |folder: &Folder| folder.record_path(&trial.suite, &trial.case, trial.seed);
    let from = match first_difference(a, b) {
        Some(difference) => format!("from epoch {} on", difference.epoch),
        None if a.has_ended() && b.has_ended() => {
            let fields = results(a, b);
            let differs = fields.iter().find(|field| field.differs())?;
            format!("in {}", differs.name)
        }
        None => return None,
    };
    let a = path(in_a);
    let b = path(in_b);
    Some(format!(
        "{}: two runs hold different bits of it {from}; see `tchbench explain {} {}`",
        trial.name(),
        a.display(),
        b.display()
    ))
}
