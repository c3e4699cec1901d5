//! How many of a run's trials ended, and how.

use crate::record::TrialRecord;

/// How many trials of a run ended, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunSummary {
    /// Trials that yielded a result.
    pub succeeded: usize,
    /// Trials that failed or diverged, and are recorded so.
    pub failed: usize,
    /// Trials that an interrupt kept from beginning or from ending; they have no record.
    pub unfinished: usize,
}

impl RunSummary {
    /// Counts a trial that left this record.
    pub(super) fn count(&mut self, record: &TrialRecord) {
        if record.status.is_success() {
            self.succeeded += 1;
        } else {
            self.failed += 1;
        }
    }
}
