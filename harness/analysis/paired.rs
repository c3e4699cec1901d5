//! The cases of a paired measurement, judged.

use crate::compare::{Difference, PairedRatio};
use crate::record::{Paired, PairedCase};

/// A case of a paired measurement, with the time of B in units of A's.
#[derive(Clone, Copy, Debug)]
pub struct JudgedPair<'a> {
    /// What was measured of the case.
    pub case: &'a PairedCase,
    /// The ratio of the times; `None` if there are too few pairs.
    pub ratio: Option<PairedRatio>,
}

impl JudgedPair<'_> {
    /// Returns what follows from the ratio; `None` if there are too few pairs.
    pub fn difference(&self) -> Option<Difference> {
        Some(self.ratio?.difference())
    }
}

/// Returns each case that was measured. The intervals of the ratios hold for `family` cases at once.
pub fn judged_pairs(found: &Paired, family: usize) -> Vec<JudgedPair<'_>> {
    let judge = |case| JudgedPair { case, ratio: PairedRatio::of(&case.pairs, family) };
    found.cases.iter().map(judge).collect()
}
