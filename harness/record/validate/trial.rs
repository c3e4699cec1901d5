//! A trial and its record: what was planned, what the worker said of it, how it ended.

use crate::event::{Commit, Counts, Ending, Epoch, Finished, Insight, Score, Started, Transformed};
use crate::recipe::shape::{parameters, plan_of};
use crate::recipe::{ENGINE_REVISION, Trial, identity};
use crate::record::{Fingerprint, Robustness, Status, TrialRecord};
use crate::valid::{
    Inside, Invalid, Valid, Validate, between, each, each_once, ensure, fraction, hexadecimal, not_negative,
    seconds,
};

impl Validate for Trial {
    fn validate(&self) -> Valid {
        self.experiment.validate().inside("experiment")?;
        ensure(self.environment.threads >= 1, "environment.threads", "is 0, which is less than 1")?;
        for (file, digest) in &self.dataset {
            hexadecimal(format_args!("dataset.{file}"), digest)?;
        }
        if let Some(expected) = self.parameters {
            let counted = counted(self);
            let reason = format_args!("is {expected}, but the layers have {counted}");
            ensure(expected == counted, "parameters", reason)?;
        }
        // Another revision's identities are not known here.
        if self.engine_revision != ENGINE_REVISION {
            return hexadecimal("identity", &self.identity);
        }
        let actual = identity(&self.experiment, self.seed, &self.dataset, &self.environment);
        let reason = format_args!("is {}, but the trial's content gives {actual}", self.identity);
        ensure(actual == self.identity, "identity", reason)
    }
}

/// The trainable parameters of its network; 0 where its layers are no network.
fn counted(trial: &Trial) -> u64 {
    plan_of(&trial.experiment).map_or(0, |rows| parameters(&rows))
}

impl Validate for Fingerprint {
    fn validate(&self) -> Valid {
        not_negative("load.load_average", self.load.load_average)?;
        fraction("load.steal", self.load.steal.unwrap_or(0.0))?;
        self.commit.as_ref().map_or(Ok(()), commit)?;
        let program = self.engine.program.as_ref();
        let built = program.and_then(|program| program.commit.as_ref());
        built.map_or(Ok(()), |built| commit(built).inside("engine.program"))
    }
}

fn commit(Commit { id, .. }: &Commit) -> Valid {
    let holds = (1..=100).contains(&id.len()) && id.chars().all(|c| c.is_ascii_graphic());
    ensure(holds, "commit.id", format_args!("is {id:?}, which is no commit"))
}

impl Validate for TrialRecord {
    fn validate(&self) -> Valid {
        let trial = &self.trial;
        trial.validate().inside("trial")?;
        self.fingerprint.validate().inside("fingerprint")?;
        ensure(self.jobs >= 1, "jobs", "is 0, which is less than 1")?;
        if let Some(begun) = &self.started {
            started(trial, begun).inside("started")?;
        }
        if let (None, true) = (&self.started, self.finished.is_some() || !self.epochs.is_empty()) {
            return Err(Invalid::new("started", "is null, but the trial has epochs"));
        }
        for (index, one) in self.epochs.iter().enumerate() {
            let before = self.epochs.get(..index).unwrap_or_default();
            epoch(trial, self.started.as_ref(), before, one).inside(format_args!("epochs[{index}]"))?;
        }
        let is_end = |ending| match ending {
            Ending::Completed => Status::Completed,
            Ending::StoppedEarly => Status::StoppedEarly,
            Ending::Diverged => Status::Diverged,
        };
        let ended = self.finished.as_ref().map(|finished| is_end(finished.ending));
        let wanted =
            Some(self.status).filter(|status| !matches!(status, Status::Failed | Status::OutOfMemory));
        ensure(
            ended == wanted,
            "finished",
            format_args!("does not say what `status` says, {:?}", self.status),
        )?;
        if let Some(end) = &self.finished {
            finished(trial, self.started.as_ref(), &self.epochs, end).inside("finished")?;
        }
        let has_reason = self.error.is_some() && self.status.is_success();
        ensure(!has_reason, "error", "is the reason of a failure, but the trial went well")
    }
}

/// Checks what a worker says of a trial before its first step.
///
/// # Errors
/// Returns the first value that is not as the trial was planned.
pub fn started(trial: &Trial, started: &Started) -> Valid {
    let same = |field: &str, is: u64, planned: u64| {
        ensure(is == planned, field, format_args!("is {is}, but the trial was planned with {planned}"))
    };
    let experiment = &trial.experiment;
    same("parameters", started.parameters, counted(trial))?;
    ensure(started.train_samples >= 1, "train_samples", "is 0, which is less than 1")?;
    let held_out = experiment.data.validation.map_or(0, |held| held.count);
    same("validation_samples", started.validation_samples.into(), held_out.into())?;
    let steps = started.train_samples.div_ceil(experiment.training.batch.max(1));
    same("steps", started.steps.into(), steps.into())?;
    same("epochs", started.epochs.into(), experiment.training.epochs.into())?;
    between("resumed_from", started.resumed_from.into(), 0.0..=started.epochs.into())
}

/// Checks what a worker says of an epoch that follows those `before`.
///
/// # Errors
/// Returns the first value that cannot come after them, or is out of its range.
pub fn epoch(trial: &Trial, started: Option<&Started>, before: &[Epoch], epoch: &Epoch) -> Valid {
    let number = epoch.epoch;
    let next = before.len() + 1;
    let most = trial.experiment.training.epochs;
    ensure(number as usize == next, "epoch", format_args!("is {number}, but epoch {next} comes next"))?;
    ensure(number <= most, "epoch", format_args!("is {number}, but only {most} were planned"))?;
    score(&epoch.train).inside("train")?;
    if let Some(validation) = &epoch.validation {
        score(validation).inside("validation")?;
    }
    not_negative("learning_rate", epoch.learning_rate)?;
    let samples = started.map_or(epoch.samples, |started| started.train_samples.into());
    let reason = format_args!("is {}, but an epoch trains on {samples}", epoch.samples);
    ensure(epoch.samples == samples, "samples", reason)?;
    seconds("train_seconds", epoch.train_seconds)?;
    seconds("train_cpu_seconds", epoch.train_cpu_seconds)?;
    seconds("validation_seconds", epoch.validation_seconds)?;
    seconds("checkpoint_seconds", epoch.checkpoint_seconds)?;
    hexadecimal("trajectory", &epoch.trajectory)?;
    epoch.tensors.iter().try_for_each(|(name, digest)| hexadecimal(format_args!("tensors.{name}"), digest))
}

/// Checks what a worker says at the end, after these epochs.
///
/// # Errors
/// Returns the first value that contradicts the plan or the epochs, or is out of its range.
pub fn finished(trial: &Trial, started: Option<&Started>, epochs: &[Epoch], end: &Finished) -> Valid {
    let whole = end.ending != Ending::Diverged;
    let is_finite = epochs.iter().all(Epoch::is_finite) && end.test.is_none_or(|test| test.is_finite());
    ensure(is_finite || !whole, "ending", "is not `diverged`, but a loss is not finite")?;
    let training = &trial.experiment.training;
    let done = epochs.len();
    let planned = training.epochs as usize;
    let reason =
        format_args!("is {:?} after {done} of {planned} epochs, which the plan does not allow", end.ending);
    let allowed = match end.ending {
        Ending::Completed => done == planned,
        Ending::StoppedEarly => done == planned || done >= 1 && training.early_stopping.is_some(),
        Ending::Diverged => done >= 1,
    };
    ensure(allowed, "ending", reason)?;
    if let Some(best) = end.best_epoch {
        between("best_epoch", best.into(), 1.0..=done as f64)?;
    }
    let restores = training.early_stopping.is_some_and(|rule| rule.restore_best) && end.best_epoch.is_some();
    ensure(
        !end.restored_best || (restores && whole),
        "restored_best",
        "is true, but the plan restores nothing",
    )?;
    if let Some(test) = &end.test {
        score(test).inside("test")?;
    }
    if let Some(classified) = &end.counts {
        counts(trial, started, end.test.as_ref(), classified).inside("counts")?;
    }
    let tests = started.is_some_and(|started| started.test_samples > 0);
    let contradicts = "does not agree with the number of test samples and the ending";
    ensure(
        if whole { end.test.is_some() == tests } else { tests || end.test.is_none() },
        "test",
        contradicts,
    )?;
    hexadecimal("weights", &end.weights)?;
    seconds("setup_seconds", end.setup_seconds)?;
    seconds("train_seconds", end.train_seconds)?;
    seconds("test_seconds", end.test_seconds)?;
    seconds("wall_seconds", end.wall_seconds)?;
    seconds("cpu_seconds", end.cpu_seconds)
}

/// Checks how test samples were classified: it says what their score says, in another way.
fn counts(trial: &Trial, started: Option<&Started>, test: Option<&Score>, counts: &Counts) -> Valid {
    let classes = trial.experiment.data.geometry.classes as usize;
    let is_square = counts.classes() == classes && counts.confusion.iter().all(|row| row.len() == classes);
    ensure(is_square, "confusion", format_args!("is no table of {classes} by {classes} classes"))?;
    ensure(counts.ranks.len() == classes, "ranks", format_args!("are not of {classes} classes"))?;
    let samples = counts.samples();
    let tested = started.map_or(0, |started| started.test_samples.into());
    let reason = format_args!("are of {samples} samples, but {tested} were tested");
    ensure(samples == tested, "ranks", reason)?;
    let all: u64 = (0..classes).map(|class| counts.support(class)).sum();
    ensure(all == tested, "confusion", format_args!("is of {all} samples, but {tested} were tested"))?;
    let right: u64 = (0..classes).map(|class| counts.hits(class)).sum();
    let first = counts.ranks.first().copied().map_or(0, u64::from);
    let reason = format_args!("say that {first} samples were right, but the confusion says {right}");
    ensure(first == right, "ranks", reason)?;
    let accuracy = right as f64 / samples as f64;
    let says = test.is_some_and(|score| score.accuracy == accuracy);
    ensure(says, "confusion", format_args!("gives an accuracy of {accuracy}, which is not that of `test`"))
}

/// Checks a loss, which only a diverged training has as no number, and an accuracy.
///
/// # Errors
/// Returns the first value that is out of its range.
pub fn score(score: &Score) -> Valid {
    fraction("accuracy", score.accuracy)?;
    // A cross-entropy is at least 0, and so is a penalty; rounding may put it a little below.
    let holds = score.loss >= -1e-3 || score.loss.is_nan();
    ensure(holds, "loss", format_args!("is {}, which is less than 0", score.loss))
}

/// Checks a row of what a network of so many classes shows.
///
/// # Errors
/// Returns the first class, probability or other value that no network has.
pub fn insight(insight: &Insight, classes: u32) -> Valid {
    let distribution = |probabilities: &[f32]| {
        let is = probabilities.len();
        ensure(
            is == classes as usize,
            "probabilities",
            format_args!("are {is}, but there are {classes} classes"),
        )?;
        probabilities.iter().try_for_each(|&one| fraction("probabilities", one.into()))
    };
    match insight {
        Insight::Step { probabilities, .. } => distribution(probabilities),
        Insight::Accuracy { accuracy, .. } => fraction("accuracy", *accuracy),
        Insight::State { values, .. } => {
            let is_finite = values.iter().all(|value| value.is_finite());
            ensure(is_finite, "values", "hold what is no finite number")
        }
        Insight::Gradient { norm, .. } => not_negative("norm", *norm),
        Insight::Prediction { label, probabilities, .. } => {
            ensure(u32::from(*label) < classes, "label", format_args!("is {label}, which is no class"))?;
            distribution(probabilities)
        }
    }
}

/// Checks the scores under one transform.
///
/// # Errors
/// Returns a strength that is none of its kind, another number of scores than there are directions, or the
/// first value that is out of its range.
pub fn transformed(found: &Transformed) -> Valid {
    let Transformed { transform, scores } = found;
    between("transform.strength", transform.strength, transform.kind.range())?;
    let is = scores.len();
    let wanted = transform.directions();
    ensure(is == wanted, "scores", format_args!("are {is}, but the transform has {wanted} directions"))?;
    each("scores", scores, score)
}

impl Validate for Robustness {
    fn validate(&self) -> Valid {
        self.trial.validate().inside("trial")?;
        hexadecimal("weights", &self.weights)?;
        score(&self.test).inside("test")?;
        each("transformed", &self.transformed, transformed)?;
        let name = |one: &Transformed| format!("{} {}", one.transform.kind.name(), one.transform.strength);
        each_once("transformed", &self.transformed, name)?;
        self.fingerprint.validate().inside("fingerprint")
    }
}
