//! What is said of groups of trials: how many seeds they have, what was not pooled, what went wrong.

use crate::analysis::Group;
use crate::record::{Status, TrialRecord};

/// Returns how many seeds groups have that ended well: `one seed`, `5 seeds`, `4 to 5 seeds`.
pub(super) fn seeds(groups: &[Group]) -> Option<String> {
    let counts = || groups.iter().map(|group| group.successes().count()).filter(|count| *count > 0);
    match (counts().min()?, counts().max()?) {
        (1, 1) => Some("one seed".to_owned()),
        (least, most) if least == most => Some(format!("{most} seeds")),
        (least, most) => Some(format!("{least} to {most} seeds")),
    }
}

/// Returns what [`seeds`] does, with how the spread over several is shown.
pub(super) fn seeds_with(groups: &[Group], spread: &str) -> Option<String> {
    let several = groups.iter().any(|group| group.successes().count() > 1);
    seeds(groups).map(|seeds| if several { format!("{seeds}: {spread}") } else { seeds })
}

/// Returns the names of the classes that all groups have; nothing if they have none, or not the same.
pub(super) fn class_names<'g>(groups: &'g [Group]) -> &'g [String] {
    match groups.split_first() {
        Some((first, others)) if others.iter().all(|group| group.class_names == first.class_names) => {
            &first.class_names
        }
        _ => &[],
    }
}

/// Returns what was not pooled, and which trials did not end well.
pub(super) fn troubles(groups: &[Group]) -> Vec<String> {
    let of = |group: &Group| {
        let bad = group.trials.iter().filter(|record| !record.status.is_success());
        let bad = bad
            .map(|record| format!("{}, seed {}: {}", group.label, record.trial.seed, failure_note(record)));
        group.notes.iter().cloned().chain(bad).collect::<Vec<_>>()
    };
    groups.iter().flat_map(of).collect()
}

/// Returns how a trial ended that did not end well.
pub(super) fn failure_note(record: &TrialRecord) -> String {
    let what = match record.status {
        Status::Diverged => "diverged",
        Status::OutOfMemory => "out of memory",
        Status::Failed => "failed",
        Status::Completed | Status::StoppedEarly => "ended well",
    };
    let reason = record.error.as_ref().map_or(String::new(), |error| format!(" ({error})"));
    match record.epochs.last() {
        Some(last) => format!("{what} after epoch {}{reason}", last.epoch),
        None => format!("{what} before the first epoch's end{reason}"),
    }
}
