//! A record beside the one of its trial trained again.

use crate::compare::{self, Field, FirstDifference};
use crate::record::TrialRecord;

/// How a record differs from the one of its trial trained again.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Where the trajectories part; `None` if they do not.
    pub first_difference: Option<FirstDifference>,
    /// The results that differ. A trial that had failed is compared as far as it got, so it has none.
    pub results: Vec<Field>,
    /// All fields of the fingerprints, those that are equal among them.
    pub fingerprint: Vec<Field>,
}

impl Replay {
    /// Compares a record with the one of its trial trained `now`.
    pub fn of(record: &TrialRecord, now: &TrialRecord) -> Self {
        let mut results = compare::results(record, now);
        results.retain(|field| record.finished.is_some() && field.differs());
        let fingerprint = compare::fingerprint(&record.fingerprint, &now.fingerprint);
        Replay { first_difference: compare::first_difference(record, now), results, fingerprint }
    }

    /// Returns whether nothing differs that tells of bits.
    pub fn is_identical(&self) -> bool {
        self.first_difference.is_none() && self.results.is_empty()
    }
}
