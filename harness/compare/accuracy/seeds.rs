//! What the seeds of two sides say without a test, and how they are called.

use crate::record::{CaseResults, SeedResult, Status};

/// Returns whether the same was trained to the same end, bit by bit.
pub(in crate::compare) fn is_identical(old: &SeedResult, new: &SeedResult) -> bool {
    is_retraced(old, new) && is_scored_alike(old, new)
}

/// Returns whether training went through the same bits.
pub(super) fn is_retraced(old: &SeedResult, new: &SeedResult) -> bool {
    old.trajectory.is_some() && old.trajectory == new.trajectory
}

/// Whether the same came out, to the bit.
fn is_scored_alike(old: &SeedResult, new: &SeedResult) -> bool {
    let outcome =
        |seed: &SeedResult| (seed.status, seed.loss.map(f64::to_bits), seed.accuracy.map(f64::to_bits));
    outcome(old) == outcome(new)
}

pub(super) fn ended_well(seed: &SeedResult) -> bool {
    seed.status.is_some_and(Status::is_success)
}

/// Returns why there is nothing to compare, though the bits differ.
pub(super) fn unscored(old_seeds: &[SeedResult], new_seeds: &[SeedResult]) -> &'static str {
    let none_well = |seeds: &[SeedResult]| seeds.iter().all(|seed| !ended_well(seed));
    match (none_well(old_seeds), none_well(new_seeds)) {
        (true, true) => "no seed ended well, neither the baseline's nor the run's, and the bits differ",
        (true, false) => "no seed of the baseline ended well, so there is nothing to compare with",
        (false, _) => "nothing was held out to test or validate, and the bits differ",
    }
}

/// Returns the seeds that failed on either side, one sentence each, those that only the run's did first.
pub(super) fn failures(old: &CaseResults, old_seeds: &[SeedResult], new_seeds: &[SeedResult]) -> Vec<String> {
    let mut told = Vec::new();
    for new in new_seeds.iter().filter(|new| !ended_well(new)) {
        let how = ended(new.status);
        told.push(match old.seed(new.seed) {
            Some(old) if ended_well(old) => format!("seed {} {how}, the baseline's did not", new.seed),
            Some(old) if old.status == new.status => {
                format!("seed {} {how}, as the baseline's did", new.seed)
            }
            Some(old) => format!("seed {} {how}, the baseline's {}", new.seed, ended(old.status)),
            None => format!("seed {} {how}", new.seed),
        });
    }
    for old in old_seeds.iter().filter(|old| !ended_well(old)) {
        let is_told = new_seeds.iter().any(|new| new.seed == old.seed && !ended_well(new));
        if !is_told {
            told.push(format!("seed {} of the baseline {}, the run's did not", old.seed, ended(old.status)));
        }
    }
    told
}

/// Returns how many seeds of the run failed where the baseline's ended well; of other seeds, where all of the
/// baseline's did.
pub(super) fn newly_failed(old: &CaseResults, old_seeds: &[SeedResult], new_seeds: &[SeedResult]) -> usize {
    let was_well = |new: &SeedResult| match old.seed(new.seed) {
        Some(old) => ended_well(old),
        None => old_seeds.iter().all(ended_well),
    };
    new_seeds.iter().filter(|new| !ended_well(new) && was_well(new)).count()
}

fn ended(status: Option<Status>) -> &'static str {
    match status {
        Some(Status::Completed | Status::StoppedEarly) => "ended well",
        Some(Status::Diverged) => "diverged",
        Some(Status::OutOfMemory) => "ran out of memory",
        Some(Status::Failed) => "failed",
        None => "left no record",
    }
}

pub(super) fn left_out(all: &[SeedResult], chosen: &[SeedResult]) -> Option<String> {
    let left: Vec<&SeedResult> = all.iter().filter(|seed| !chosen.contains(seed)).collect();
    (!left.is_empty()).then(|| names(&left))
}

/// Returns `seed 3`, or `seeds 3, 5`.
pub(super) fn names(seeds: &[&SeedResult]) -> String {
    let numbers: Vec<String> = seeds.iter().map(|seed| seed.seed.to_string()).collect();
    format!("seed{} {}", if seeds.len() == 1 { "" } else { "s" }, numbers.join(", "))
}
