//! What the seeds of two sides say without a test, and how they are called.

use crate::record::{CaseResults, SeedResult, Status};

/// Whether the same was trained to the same end, bit by bit.
pub(in crate::compare) fn is_identical(old: &SeedResult, new: &SeedResult) -> bool {
    is_retraced(old, new) && is_scored_alike(old, new)
}

/// Whether training went through the same bits.
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

/// Why there are no figures, though the bits differ.
pub(super) fn unscored(old_seeds: &[SeedResult], new_seeds: &[SeedResult]) -> &'static str {
    let none_well = |seeds: &[SeedResult]| seeds.iter().all(|seed| !ended_well(seed));
    match (none_well(old_seeds), none_well(new_seeds)) {
        (true, true) => "no seed ended well, neither the baseline's nor the run's, and the bits differ",
        (true, false) => "no seed of the baseline ended well, so there is nothing to compare with",
        (false, true) => "no seed of the run ended well, so there is nothing to compare",
        (false, false) => "nothing was held out to test or validate, and the bits differ",
    }
}

/// The seeds that ended badly where the baseline's ended well; with other seeds, where all of the
/// baseline's did.
pub(super) fn failures(
    old_seeds: &[SeedResult],
    new_seeds: &[SeedResult],
    old: &CaseResults,
) -> Option<Vec<String>> {
    let was_well = |seed: u64| match old.seed(seed) {
        Some(old) => ended_well(old),
        None => old_seeds.iter().all(ended_well),
    };
    let told: Vec<String> = new_seeds
        .iter()
        .filter(|new| was_well(new.seed))
        .filter_map(|new| {
            let status = new.status.filter(|status| !status.is_success())?;
            Some(format!("seed {} {}, the baseline's did not", new.seed, ended(status)))
        })
        .collect();
    (!told.is_empty()).then_some(told)
}

fn ended(status: Status) -> &'static str {
    match status {
        Status::Completed | Status::StoppedEarly => "ended well",
        Status::Diverged => "diverged",
        Status::OutOfMemory => "ran out of memory",
        Status::Failed => "failed",
    }
}

pub(super) fn left_out(all: &[SeedResult], chosen: &[SeedResult]) -> Option<String> {
    let left: Vec<&SeedResult> = all.iter().filter(|seed| !chosen.contains(seed)).collect();
    (!left.is_empty()).then(|| names(&left))
}

/// `seed 3`, or `seeds 3, 5`.
pub(super) fn names(seeds: &[&SeedResult]) -> String {
    let numbers: Vec<String> = seeds.iter().map(|seed| seed.seed.to_string()).collect();
    format!("seed{} {}", if seeds.len() == 1 { "" } else { "s" }, numbers.join(", "))
}
