//! The runs that are merged: shards of one plan, on machines that compute the same.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::app::exit::{Exit, Failure};
use crate::app::runs;
use crate::compare::leaves_of;
use crate::record::{Folder, Run};
use crate::suite::case::Case;

/// A run that is merged.
pub struct MergedRun {
    /// The folder of the run.
    pub folder: Folder,
    /// What its `run.json` holds.
    pub run: Run,
}

impl MergedRun {
    fn path(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// Returns whether the run trains this trial, by its index in the plan.
    pub fn trains(&self, trial: usize) -> bool {
        let holds = |trials: &[u32]| trials.binary_search_by_key(&trial, |index| *index as usize).is_ok();
        self.run.shard.as_ref().is_none_or(|shard| holds(&shard.trials))
    }
}

/// Returns the runs with these names, each once, the first shard first.
///
/// # Errors
/// Fails if a run is not found, or if they are not shards of one split of one plan, with the same datasets and numerics classes.
pub fn read(results: &Path, names: &[String]) -> Result<Vec<MergedRun>, Failure> {
    let mut parts: Vec<MergedRun> = Vec::new();
    let mut seen = BTreeSet::new();
    for name in names {
        let folder = runs::folder(results, name)?;
        let path = folder.path();
        if seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned())) {
            let run = folder.read_run()?;
            parts.push(MergedRun { folder, run });
        }
    }
    parts.sort_by_key(|part| part.run.shard.as_ref().map(|shard| shard.index));
    if let [first, others @ ..] = parts.as_slice() {
        others.iter().try_for_each(|other| same_plan(first, other))?;
        others.iter().try_for_each(|other| same_numerics(first, other))?;
        same_split(&parts)?;
    }
    Ok(parts)
}

/// Returns which shards of the split are among no parts, as in `3/4`.
pub fn missing_shards(parts: &[MergedRun]) -> Vec<String> {
    let shards: Option<Vec<_>> = parts.iter().map(|part| part.run.shard.as_ref()).collect();
    let Some(shards) = shards else { return Vec::new() };
    let count = shards.first().map_or(0, |shard| shard.count);
    let there: BTreeSet<u32> = shards.iter().map(|shard| shard.index).collect();
    (1..=count).filter(|index| !there.contains(index)).map(|index| format!("{index}/{count}")).collect()
}

fn same_plan(first: &MergedRun, other: &MergedRun) -> Result<(), Failure> {
    if first.run.plan_digest() == other.run.plan_digest() {
        return Ok(());
    }
    let message = format!(
        "{} and {} are not of one plan: they differ in {}; merge shards that were begun by one command line",
        first.path(),
        other.path(),
        differences(&first.run.plan_json(), &other.run.plan_json())
    );
    Err(Failure::new(Exit::BadInput, message))
}

/// The first fields in which two plans differ. Of trials the identities follow from the rest.
fn differences(a: &Value, b: &Value) -> String {
    let leaves = |plan: &Value| -> BTreeSet<(String, String)> {
        leaves_of(plan).into_iter().filter(|(name, _)| !name.starts_with("trials")).collect()
    };
    let a = leaves(a);
    let b = leaves(b);
    let value = |all: &BTreeSet<(String, String)>, name: &str| {
        let found = all.iter().find(|(known, _)| known == name);
        found.map_or_else(|| "none".to_owned(), |(_, value)| format!("{value:.12}"))
    };
    let names: BTreeSet<&str> = a.symmetric_difference(&b).map(|(name, _)| name.as_str()).collect();
    let told: Vec<String> = names
        .iter()
        .take(4)
        .map(|name| format!("{name} ({} or {})", value(&a, name), value(&b, name)))
        .collect();
    let more = names.len().saturating_sub(told.len());
    match more {
        _ if told.is_empty() => "the trials".to_owned(),
        0 => told.join(", "),
        _ => format!("{}, {more} more", told.join(", ")),
    }
}

/// Seeds of one case that were computed by other kernels are no sample of one distribution.
fn same_numerics(first: &MergedRun, other: &MergedRun) -> Result<(), Failure> {
    let class = |part: &MergedRun, case: &Case| part.run.fingerprint.engine.class_of(&case.experiment);
    for suite in &first.run.suites {
        for case in &suite.cases {
            let here = class(first, case);
            let there = class(other, case);
            if here != there {
                let message = format!(
                    "{} and {} compute {}/{} in different numerics classes, {here} and {there}, so its bits are \
                     not the same there; run with --numerics portable, or on one kind of machine",
                    first.path(),
                    other.path(),
                    suite.name,
                    case.name
                );
                return Err(Failure::new(Exit::BadInput, message));
            }
        }
    }
    Ok(())
}

fn same_split(parts: &[MergedRun]) -> Result<(), Failure> {
    let mut shards = parts.iter().filter_map(|part| Some((part, part.run.shard.as_ref()?)));
    let Some((first, one)) = shards.next() else { return Ok(()) };
    match shards.find(|(_, shard)| shard.count != one.count) {
        None => Ok(()),
        Some((other, shard)) => {
            let message = format!(
                "{} is shard {one} and {} is shard {shard}, which are of different splits; merge those of one",
                first.path(),
                other.path()
            );
            Err(Failure::new(Exit::BadInput, message))
        }
    }
}
