//! What is not kept yet is scored, and kept.

use std::io::IsTerminal;

use super::{Args, kept_of, lacking};
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::{interrupt, launcher, undescribed};
use crate::app::progress::bar;
use crate::data::{self, Roots};
use crate::recipe::transform::Transform;
use crate::record::{Fingerprint, Folder, Format, Robustness, TrialRecord, Weights};
use crate::runner::{
    Bench, Datasets, Examined, Examinee, Failed, Fault, LoadWatch, default_jobs, examine, host,
};
use crate::terminal::tell;

/// A trial of which not all is kept that is asked for.
struct Unscored<'a> {
    record: &'a TrialRecord,
    weights: Weights,
    /// What is kept of it.
    before: Option<Robustness>,
    /// Transforms that are kept, but of another numerics class: what is found takes their place only once
    /// it has them all.
    replaced: Vec<Transform>,
}

impl<'a> Unscored<'a> {
    fn examinee(&self, transforms: &[Transform]) -> Examinee<'a> {
        let mut transforms = lacking(self.before.as_ref(), transforms);
        for kept in &self.replaced {
            if !transforms.contains(kept) {
                transforms.push(*kept);
            }
        }
        Examinee { record: self.record, weights: self.weights.clone(), transforms }
    }
}

/// Scores what is lacking and keeps each trial's scores once it has ended. Gives what failed, and whether
/// it was interrupted.
pub(super) fn score(
    folder: &Folder,
    trials: Vec<(&TrialRecord, Weights)>,
    transforms: &[Transform],
    args: &Args,
) -> Result<(Vec<Failure>, bool), Failure> {
    let (launcher, interrupt) = (launcher(args.worker.as_deref())?, interrupt()?);
    let environment = folder.read_run()?.environment;
    let engine = launcher.describe(&environment, &interrupt).map_err(|fault| {
        let what = format!("{}: it was trained on {}", folder.path().display(), environment.device);
        undescribed(fault, Exit::BadInput, &what)
    })?;
    let datasets = load(trials.iter().map(|(record, _)| *record), args)?;
    let _lock = folder.lock()?;
    let mut unscored = Vec::new();
    for (record, weights) in trials {
        let mut one = Unscored { record, weights, before: kept_of(folder, record)?, replaced: Vec::new() };
        // Scores of one file are all of one numerics class.
        let class = engine.class_of(&record.trial.experiment);
        let here = |kept: &Robustness| kept.fingerprint.engine.class_of(&kept.trial.experiment) == class;
        if let Some(kept) = one.before.take_if(|kept| !here(kept)) {
            one.replaced = kept.transformed.iter().map(|scored| scored.transform).collect();
        }
        unscored.push(one);
    }
    let examinees: Vec<Examinee> = unscored.iter().map(|one| one.examinee(transforms)).collect();
    let fingerprint = Fingerprint { host: host(), engine: engine.clone(), load: LoadWatch::begin().end() };
    let bar = bar(examinees.iter().map(|one| one.transforms.len() as u64).sum(), "transforms", args.quiet);
    let lines = !args.quiet && !std::io::stderr().is_terminal();
    let mut save = |index: usize, found: Examined| {
        let Unscored { record, before, replaced, .. } = &unscored[index];
        let (test, scored) = (found.test, found.transformed);
        let mut robustness = before.clone().unwrap_or_else(|| Robustness {
            format: Format::CURRENT,
            trial: record.trial.clone(),
            weights: record.finished.as_ref().map_or_else(String::new, |finished| finished.weights.clone()),
            test,
            transformed: Vec::new(),
            fingerprint: fingerprint.clone(),
            began: found.began,
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
    let bench = Bench { launcher: &launcher, engine: &engine, datasets: &datasets, interrupt: &interrupt };
    let jobs = args.jobs.map_or_else(|| default_jobs(&environment), |jobs| jobs as usize);
    let failed = examine(&bench, &examinees, jobs, &mut save, &mut || bar.inc(1))?;
    bar.finish_and_clear();
    Ok((failed.into_iter().map(failure).collect(), interrupt.is_requested()))
}

/// The datasets of these trials.
fn load<'a>(records: impl Iterator<Item = &'a TrialRecord>, args: &Args) -> Result<Datasets, Failure> {
    let roots = Roots::from_environment(args.data.clone());
    let mut names: Vec<&str> = records.map(|record| record.trial.experiment.data.dataset.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut datasets = Datasets::default();
    for name in names {
        datasets.add(&data::load(name, &roots)?)?;
    }
    Ok(datasets)
}

/// A worker that refuses weights or data says so; all else is a fault of the trial.
fn failure(Failed { trial, fault }: Failed) -> Failure {
    let exit = match fault {
        Fault::Reported { out_of_memory: false, .. } => Exit::BadInput,
        _ => Exit::TrialFailed,
    };
    Failure::new(exit, format!("{trial}: {fault}"))
}
