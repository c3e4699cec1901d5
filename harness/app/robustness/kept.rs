//! Scores that a run's folder holds already.

use crate::app::exit::Failure;
use crate::recipe::Trial;
use crate::recipe::transform::Transform;
use crate::record::{Error, Folder, Robustness, TrialRecord};

/// Returns the records, each with what is kept of its own weights. Those of which that cannot be read are left out,
/// which is a complaint.
pub fn kept<'r>(
    folder: &Folder,
    records: &'r [TrialRecord],
    complaints: &mut Vec<Failure>,
) -> Vec<(&'r TrialRecord, Option<Robustness>)> {
    let of = |record| match kept_of(folder, record) {
        Ok(found) => Some((record, found)),
        Err(error) => {
            complaints.push(error.into());
            None
        }
    };
    records.iter().filter_map(of).collect()
}

/// Returns what is kept of this record's own weights.
///
/// # Errors
/// Fails if it cannot be read.
pub fn kept_of(folder: &Folder, record: &TrialRecord) -> Result<Option<Robustness>, Error> {
    let Trial { suite, case, seed, .. } = &record.trial;
    Ok(folder.read_robustness(suite, case, *seed)?.filter(|found| found.is_of(record)))
}

/// Returns the transforms that nothing is kept of.
pub fn lacking(kept: Option<&Robustness>, transforms: &[Transform]) -> Vec<Transform> {
    let is_kept = |transform: &Transform| kept.is_some_and(|kept| kept.under(*transform).is_some());
    transforms.iter().copied().filter(|transform| !is_kept(transform)).collect()
}
