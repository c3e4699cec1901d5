//! A training from its first epoch, or from a checkpoint, to its end.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use tch::Tensor;

use super::checkpoint::{CheckpointFiles, Progress};
use super::digest;
use super::error::Error;
use super::tensors::{BEST, Tensors, serialize};
use super::trainer::Trainer;
use super::usage;
use super::watch::{LearningRate, Watch};
use crate::event::{Ending, Epoch, Event, Finished, Score};
use crate::recipe::Trial;
use crate::record::{self, validate};

/// A training between two epochs.
pub struct Fit<'a> {
    trial: &'a Trial,
    trainer: Trainer<'a>,
    rate: LearningRate,
    watch: Watch,
    epochs: Vec<Epoch>,
    best: Option<Vec<Tensor>>,
    checkpoint: Option<CheckpointFiles>,
    weights: Option<PathBuf>,
}

impl<'a> Fit<'a> {
    /// Returns the training at its start, or at the checkpoint if one is kept. With `weights`, a path, the weights are
    /// kept there at the end.
    ///
    /// # Errors
    /// [`Error::RefusedCheckpoint`] where the checkpoint is broken, forged or another trial's.
    pub fn new(
        trial: &'a Trial,
        trainer: Trainer<'a>,
        checkpoint: Option<CheckpointFiles>,
        weights: Option<PathBuf>,
    ) -> Result<Self, Error> {
        let training = &trial.experiment.training;
        let steps = trainer.steps();
        let mut fit = Fit {
            trial,
            trainer,
            rate: LearningRate::new(training, steps),
            watch: Watch::new(training),
            epochs: Vec::new(),
            best: None,
            checkpoint,
            weights,
        };
        if let Some(checkpoint) = fit.checkpoint.clone()
            && let Some((progress, tensors)) = checkpoint.load(&trial.identity)?
        {
            fit.resume(progress, &tensors).map_err(|error| checkpoint.refuse(error))?;
        }
        Ok(fit)
    }

    /// Goes on from a checkpoint, all of whose tensors have the digests that its epochs state.
    fn resume(&mut self, progress: Progress, tensors: &Tensors) -> Result<(), Error> {
        for (index, epoch) in progress.epochs.into_iter().enumerate() {
            let valid = validate::epoch(self.trial, None, &self.epochs, &epoch);
            valid.map_err(|why| Error::System(why.inside(format!("epochs[{index}]")).to_string()))?;
            self.rate.observe(&epoch);
            self.watch.observe(&epoch);
            self.epochs.push(epoch);
        }
        self.best = match self.watch.best_epoch() {
            Some(best) if self.keeps_best() => Some(self.best_of(best, tensors)?),
            _ => None,
        };
        self.trainer.resume(progress.steps, tensors)?;
        let state = digest::state(self.trajectory(1), progress.steps, self.trainer.tensors())?;
        let stated = self.trajectory(0);
        if state.trajectory != stated {
            let actual = state.trajectory;
            let reason = format!("its tensors give the trajectory {actual}, not {stated} as its epochs say");
            return Err(Error::System(reason));
        }
        if self.epochs.last().is_some_and(|epoch| epoch.tensors != state.tensors) {
            return Err(Error::System("its tensors have other digests than its last epoch says".to_owned()));
        }
        Ok(())
    }

    /// The weights and buffers of the epoch `best`, each with the digest that this epoch states.
    fn best_of(&self, best: u32, tensors: &Tensors) -> Result<Vec<Tensor>, Error> {
        let epoch = self.epochs.iter().find(|epoch| epoch.epoch == best);
        let verified = |(name, _): (&str, &Tensor)| {
            let found = tensors.get(&format!("{BEST}{name}"));
            let tensor = found.ok_or_else(|| Error::System(format!("it lacks the tensor {BEST}{name}")))?;
            let actual = digest::short(&digest::tensor(tensor)?);
            let stated = epoch.and_then(|epoch| epoch.tensors.get(name)).map_or("none", String::as_str);
            if actual == stated {
                Ok(tensor.shallow_clone())
            } else {
                Err(Error::System(format!(
                    "its tensor {BEST}{name} has the digest {actual}, not {stated} as epoch {best} says"
                )))
            }
        };
        self.trainer.weights().map(verified).collect()
    }

    /// Of so many epochs ago.
    fn trajectory(&self, ago: usize) -> &str {
        let epoch = self.epochs.iter().rev().nth(ago);
        epoch.map_or(&self.trial.identity, |epoch| &epoch.trajectory)
    }

    /// Trains to the end and tests, or until `stop` is set: none then. `emit` is told of every epoch,
    /// and a few times a second of the step. `began` is when the worker started.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn run(
        mut self,
        began: Instant,
        stop: &AtomicBool,
        emit: &mut dyn FnMut(Event),
    ) -> Result<Option<Finished>, Error> {
        let mut started = self.trainer.started();
        started.resumed_from = self.epochs.len() as u32;
        emit(Event::Started(started));
        self.epochs.iter().for_each(|epoch| emit(Event::Epoch(epoch.clone())));
        let setup_seconds = began.elapsed().as_secs_f64();
        let ending = loop {
            if let Some(ending) = self.ending()? {
                break ending;
            }
            if stop.load(Ordering::Relaxed) {
                emit(Event::Stopped { epoch: self.epochs.len() as u32 });
                return Ok(None);
            }
            self.epoch(emit)?;
        };
        self.finish(ending, began, setup_seconds).map(Some)
    }

    /// How training has ended; `None` where it goes on.
    fn ending(&self) -> Result<Option<Ending>, Error> {
        let Some(last) = self.epochs.last() else { return Ok(None) };
        Ok(if !self.epochs.iter().all(Epoch::is_finite) || !self.trainer.is_finite()? {
            Some(Ending::Diverged)
        } else if self.watch.is_over() {
            Some(Ending::StoppedEarly)
        } else if last.epoch >= self.trial.experiment.training.epochs {
            Some(Ending::Completed)
        } else {
            None
        })
    }

    fn epoch(&mut self, emit: &mut dyn FnMut(Event)) -> Result<(), Error> {
        let mut epoch = self.trainer.epoch(self.epochs.len() as u32 + 1, &self.rate, emit)?;
        let keeping = Instant::now();
        let state = digest::state(self.trajectory(0), self.trainer.steps_taken(), self.trainer.tensors())?;
        (epoch.trajectory, epoch.tensors) = (state.trajectory, state.tensors);
        self.rate.observe(&epoch);
        if self.watch.observe(&epoch) && self.keeps_best() {
            self.best = Some(self.trainer.snapshot()?);
        }
        self.epochs.push(epoch);
        self.save()?;
        if let Some(epoch) = self.epochs.last_mut() {
            epoch.checkpoint_seconds = keeping.elapsed().as_secs_f64();
            emit(Event::Epoch(epoch.clone()));
        }
        Ok(())
    }

    /// Whether the weights of the best epoch are needed at the end.
    fn keeps_best(&self) -> bool {
        self.restores_best() || self.weights.is_some()
    }

    fn restores_best(&self) -> bool {
        self.trial.experiment.training.early_stopping.is_some_and(|rule| rule.restore_best)
    }

    /// The snapshot with the names that its tensors have in a file.
    fn named_best<'s>(&'s self, best: Option<&'s Vec<Tensor>>) -> impl Iterator<Item = (String, &'s Tensor)> {
        let best = best.map(Vec::as_slice).unwrap_or_default();
        self.trainer.named(best).map(|(name, tensor)| (format!("{BEST}{name}"), tensor))
    }

    fn save(&self) -> Result<(), Error> {
        let Some(checkpoint) = &self.checkpoint else { return Ok(()) };
        let epochs = self.epochs.clone();
        let tensors = self.trainer.tensors().chain(self.named_best(self.best.as_ref()));
        checkpoint.save(&self.trial.identity, epochs, self.trainer.steps_taken(), tensors)
    }

    /// Keeps the weights that were tested, and those of the best epoch where they are others.
    fn keep(&self) -> Result<(), Error> {
        let Some(path) = &self.weights else { return Ok(()) };
        let last = self.epochs.last().map(|epoch| epoch.epoch);
        let others = !self.restores_best() && self.watch.best_epoch() != last;
        let tested = self.trainer.weights().map(|(name, tensor)| (name.to_owned(), tensor));
        let content = serialize(tested.chain(self.named_best(self.best.as_ref().filter(|_| others))))?;
        Ok(record::write_bytes(path, &content)?)
    }

    fn finish(mut self, trained: Ending, began: Instant, setup_seconds: f64) -> Result<Finished, Error> {
        let is_testable = trained != Ending::Diverged;
        let best = self.best.as_ref().filter(|_| is_testable && self.restores_best());
        if let Some(best) = best {
            self.trainer.restore(best)?;
        }
        let testing = Instant::now();
        let (test, counts) = if is_testable { self.trainer.test()? } else { None }.unzip();
        let test_seconds = testing.elapsed().as_secs_f64();
        let ending = match test {
            Some(score) if !Score::is_finite(&score) => Ending::Diverged,
            _ => trained,
        };
        let counts = counts.filter(|_| test.is_some_and(|score| score.is_finite()));
        if ending != Ending::Diverged {
            self.keep()?;
        }
        Ok(Finished {
            ending,
            best_epoch: self.watch.best_epoch(),
            restored_best: best.is_some(),
            test,
            counts,
            weights: self.trainer.weights_digest()?,
            setup_seconds,
            train_seconds: self.epochs.iter().map(|epoch| epoch.train_seconds).sum(),
            test_seconds,
            wall_seconds: began.elapsed().as_secs_f64(),
            cpu_seconds: usage::cpu_seconds(),
            peak_memory: usage::peak_memory(),
            device_peak_memory: self.trainer.device_peak_memory()?,
        })
    }
}
