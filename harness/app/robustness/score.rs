//! What is not kept yet is scored, and kept.

use std::collections::BTreeSet;

use super::kept::{kept_of, lacking};
use crate::app::datasets::load_named;
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::WorkerProgram;
use crate::app::options::folders::DataFolder;
use crate::app::options::output::ProgressOptions;
use crate::app::throughput::fingerprint;
use crate::recipe::transform::Transform;
use crate::record::{Folder, Format, Robustness, TrialRecord, Weights};
use crate::runner::{self, Failed, Fault, Scores, ScoringTask, default_jobs};
use crate::terminal::tell;

/// A trial of which not all is kept that is asked for.
struct TrialToScore<'a> {
    record: &'a TrialRecord,
    weights: Weights,
    /// What is kept of it.
    before: Option<Robustness>,
    /// Transforms that are kept, but of another numerics class: what is found takes their place only once
    /// it has them all.
    replaced: Vec<Transform>,
}

impl<'a> TrialToScore<'a> {
    fn task(&self, transforms: &[Transform]) -> ScoringTask<'a> {
        let mut transforms = lacking(self.before.as_ref(), transforms);
        for kept in &self.replaced {
            if !transforms.contains(kept) {
                transforms.push(*kept);
            }
        }
        ScoringTask { record: self.record, weights: self.weights.clone(), transforms }
    }
}

/// How trials are scored: by what, from which data, and how many side by side.
pub struct Scoring<'a> {
    /// The program that scores.
    pub worker: &'a WorkerProgram,
    /// Where datasets are searched first.
    pub data: &'a DataFolder,
    /// Trials side by side; as many as there are cores for where it is `None`.
    pub jobs: Option<u32>,
    /// Whether progress is shown.
    pub progress: ProgressOptions,
}

/// Scores what is lacking, and keeps each trial's scores once it has ended. Returns what failed, and whether an
/// interrupt ended it.
///
/// # Errors
/// Fails if the run's device cannot be used, if a dataset is not found, or if the folder cannot be written.
pub fn score(
    folder: &Folder,
    trials: Vec<(&TrialRecord, Weights)>,
    transforms: &[Transform],
    scoring: &Scoring,
) -> Result<(Vec<Failure>, bool), Failure> {
    let workers = scoring.worker.workers()?;
    let environment = folder.read_run()?.environment;
    let what = format!("{}: it was trained on {}", folder.path().display(), environment.device);
    let engine = workers.describe(&environment, Exit::BadInput, &what)?;
    let names: BTreeSet<&str> =
        trials.iter().map(|(record, _)| record.trial.experiment.data.dataset.as_str()).collect();
    let datasets = load_named(names, scoring.data)?;
    let _lock = folder.lock()?;
    let mut unscored = Vec::new();
    for (record, weights) in trials {
        let mut one =
            TrialToScore { record, weights, before: kept_of(folder, record)?, replaced: Vec::new() };
        // Scores of one file are all of one numerics class.
        let class = engine.class_of(&record.trial.experiment);
        let here = |kept: &Robustness| kept.fingerprint.engine.class_of(&kept.trial.experiment) == class;
        if let Some(kept) = one.before.take_if(|kept| !here(kept)) {
            one.replaced = kept.transformed.iter().map(|scored| scored.transform).collect();
        }
        unscored.push(one);
    }
    let tasks: Vec<ScoringTask> = unscored.iter().map(|one| one.task(transforms)).collect();
    let fingerprint = fingerprint(&engine);
    let bar = scoring.progress.bar(tasks.iter().map(|one| one.transforms.len() as u64).sum(), "transforms");
    let lines = scoring.progress.is_told_in_lines();
    let mut save = |index: usize, found: Scores| {
        let TrialToScore { record, before, replaced, .. } = &unscored[index];
        let Scores { test, transformed: scored, began } = found;
        let mut robustness = before.clone().unwrap_or_else(|| Robustness {
            format: Format::CURRENT,
            trial: record.trial.clone(),
            weights: record.finished.as_ref().map_or_else(String::new, |finished| finished.weights.clone()),
            test,
            transformed: Vec::new(),
            fingerprint: fingerprint.clone(),
            began,
        });
        if lines {
            let plural = if scored.len() == 1 { "" } else { "s" };
            tell!("{}: scored under {} transform{plural}", record.trial.name(), scored.len());
        }
        robustness.add(scored);
        if !lacking(Some(&robustness), replaced).is_empty() {
            tell!("{}: not all is scored anew; the scores of the other machine stay", record.trial.name());
            return Ok(());
        }
        folder.write_robustness(&robustness)
    };
    let bench = workers.bench(&engine, &datasets);
    let jobs = scoring.jobs.map_or_else(|| default_jobs(&environment), |jobs| jobs as usize);
    let failed = runner::score(&bench, &tasks, jobs, &mut save, &mut || bar.inc(1))?;
    bar.finish_and_clear();
    Ok((failed.into_iter().map(failure).collect(), workers.interrupt.is_requested()))
}

/// Returns a fault as a failure. A worker that refuses weights or data says so; all else is a fault of the trial.
fn failure(Failed { trial, fault }: Failed) -> Failure {
    let exit = match fault {
        Fault::Reported { out_of_memory: false, .. } => Exit::BadInput,
        _ => Exit::TrialFailed,
    };
    Failure::new(exit, format!("{trial}: {fault}"))
}
