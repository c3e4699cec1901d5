//! How many of a run's trials ended, and how.

use crate::record::TrialRecord;

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Trials that yielded a result.
    pub succeeded: usize,
    /// Trials that failed or diverged, and are recorded so.
    pub failed: usize,
    /// Trials that an interrupt kept from beginning or from ending; they have no record.
    pub unfinished: usize,
}

impl Summary {
    pub(super) fn count(&mut self, record: &TrialRecord) {
        match record.status.is_success() {
            true => self.succeeded += 1,
            false => self.failed += 1,
        }
    }
}
