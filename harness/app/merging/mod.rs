//! Makes one run of the shards that machines trained.

mod choice;
mod parts;

use std::path::Path;

use super::exit::{Exit, Failure};
use crate::recipe::Name;
use crate::record::{Error, Folder, Format, Run};
use crate::terminal::tell;
use choice::{MergeChoice, choose};
use parts::{MergedRun, missing_shards};

/// Copies the records of runs of one plan, with their scores on changed test images, into the run `name`, which is made in
/// `results` where it is missing, and returns how it ended. What is there already stays, so a merge that was killed or lacked a
/// shard is simply done again.
///
/// # Errors
/// Fails if the runs are not of one plan, if another run has that name, or if a file cannot be read or written.
pub fn merge(results: &Path, runs: &[String], name: &Name) -> Result<Exit, Failure> {
    let parts = parts::read(results, runs)?;
    let Some(run) = merged(&parts, name) else {
        return Err(Failure::new(Exit::NothingSelected, "no runs to merge; name their folders"));
    };
    let known = begun(results, name, &run)?;
    let choice = choose(&run, known.as_ref(), &parts)?;
    choice.unreadable.iter().for_each(|error| tell!("error: {error}"));
    if !choice.drifted.is_empty() {
        choice.drifted.iter().for_each(|drift| tell!("error: {drift}"));
        tell!("nothing was merged: bits differ where they must be the same");
        return Ok(Exit::BitsDrifted);
    }
    let folder = Folder::named(results, name)?;
    let lock = folder.lock()?;
    if !folder.has_begun() {
        folder.write_run(&run)?;
    }
    folder.copy_trials(&choice.copies)?;
    folder.copy_robustness(&choice.scores)?;
    drop(lock);
    Ok(end(&folder, &run, &parts, &choice))
}

/// The plan of all parts, under a name of its own; `None` where there are none.
fn merged(parts: &[MergedRun], name: &Name) -> Option<Run> {
    let first = parts.first()?.run.clone();
    let began = parts.iter().map(|part| part.run.began).min().unwrap_or(first.began);
    let jobs = parts.iter().map(|part| part.run.jobs).max().unwrap_or(first.jobs);
    let format = Format::CURRENT;
    let invocation = without_shard(&first.invocation);
    let mut run = Run { format, name: name.clone(), began, invocation, jobs, shard: None, ..first };
    run.plan = Some(run.plan_digest());
    Some(run)
}

/// The command line that would have begun the whole run.
fn without_shard(invocation: &[String]) -> Vec<String> {
    let mut words = invocation.iter();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        if word == "--shard" {
            words.next();
        } else if !word.starts_with("--shard=") {
            kept.push(word.clone());
        }
    }
    kept
}

/// Returns the folder of the run that is to be, if it has begun.
///
/// # Errors
/// Fails if another run has the name.
fn begun(results: &Path, name: &Name, run: &Run) -> Result<Option<Folder>, Failure> {
    let path = results.join(name.as_str());
    let folder = match Folder::open(&path) {
        Err(Error::NoRun { .. }) => return Ok(None),
        opened => opened?,
    };
    let known = folder.read_run()?;
    if known.shard.is_none() && known.plan_digest() == run.plan_digest() {
        return Ok(Some(folder));
    }
    let message = format!(
        "{} is there already, and is no merged run of this plan; give another --name",
        path.display()
    );
    Err(Failure::new(Exit::Usage, message))
}

/// Tells what was merged and what is missing, and returns the exit code.
fn end(folder: &Folder, run: &Run, parts: &[MergedRun], choice: &MergeChoice<'_>) -> Exit {
    let path = folder.path().display();
    let MergeChoice { recorded, failed, missing, unreadable, .. } = choice;
    let all = run.trials.len();
    tell!("merged {} runs: {recorded} of {all} trials are done; their records are in {path}", parts.len());
    let shards = missing_shards(parts);
    if !missing.is_empty() {
        if !shards.is_empty() {
            tell!("no run is shard {}", shards.join(", "));
        }
        let more = missing.len().saturating_sub(10);
        let rest = if more > 0 { format!(", {more} more") } else { String::new() };
        tell!("no record of {}{rest}", missing[..missing.len() - more].join(", "));
        tell!("merge again when they are done, or train them with: tchbench run --resume {path}");
    }
    if !unreadable.is_empty() {
        Exit::BadInput
    } else if !missing.is_empty() {
        Exit::Incomplete
    } else if *failed > 0 {
        tell!("{failed} of {all} trials failed or diverged; their records say why");
        Exit::TrialFailed
    } else {
        Exit::Success
    }
}
