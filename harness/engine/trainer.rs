//! A model, its optimizer and its data: steps, epochs, scores.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tch::{Device, Kind, Tensor};

use super::device;
use super::digest;
use super::error::Error;
use super::model::Model;
use super::optimizer::FusedOptimizer;
use super::samples::{DeviceSamples, ScoreTally, cross_entropy};
use super::shim;
use super::tensors::Tensors;
use super::usage;
use super::watch::LearningRate;
use crate::data::{Dataset, Prepared};
use crate::event::{Counts, Epoch, Event, Score, Started};
use crate::recipe::Trial;
use crate::rng::{Purpose, Stream};

/// How often a step is reported, at most.
const REPORT_EVERY: Duration = Duration::from_millis(200);

/// A trial, ready to train.
pub struct Trainer<'a> {
    trial: &'a Trial,
    device: Device,
    model: Model,
    optimizer: FusedOptimizer,
    prepared: Prepared,
    train: DeviceSamples,
    validation: Option<DeviceSamples>,
    test: Option<DeviceSamples>,
}

impl<'a> Trainer<'a> {
    /// Prepares the data, puts it on the device, builds the model and counts its parameters.
    ///
    /// # Errors
    /// Data that cannot be prepared; layers that do not fit together; a number of parameters other
    /// than the suite states; a device that is not there or has no memory left.
    pub fn new(trial: &'a Trial, dataset: &Dataset) -> Result<Self, Error> {
        let device = device::open(&trial.environment)?;
        let experiment = &trial.experiment;
        let model = Model::new(experiment, trial.seed, Kind::Float, device)?;
        if let Some(expected) = trial.parameters
            && expected != model.count()
        {
            return Err(Error::Parameters { expected, counted: model.count() });
        }
        let training = &experiment.training;
        let decay = training.weight_decay;
        let optimizer =
            FusedOptimizer::new(training.optimizer, experiment.convention, decay, &model.parameters)?
                .clipped(training.gradient_clip, decay, &model.parameters);
        let mut prepared = Prepared::new(dataset, &experiment.data, trial.seed)?;
        let place = |samples: Option<_>| match samples {
            Some(samples) => DeviceSamples::new(&samples, device).map(Some),
            None => Ok(None),
        };
        let validation = place(prepared.validation.take())?;
        let test = place(prepared.test.take())?;
        let train = DeviceSamples::new(&prepared.train, device)?;
        prepared.train.values = Vec::new();
        usage::keep_memory();
        Ok(Trainer { trial, device, model, optimizer, prepared, train, validation, test })
    }

    /// Returns what is known before the first step.
    pub fn started(&self) -> Started {
        let count = |samples: &Option<DeviceSamples>| samples.as_ref().map_or(0, DeviceSamples::len) as u32;
        Started {
            parameters: self.model.count(),
            train_samples: self.train.len() as u32,
            validation_samples: count(&self.validation),
            test_samples: count(&self.test),
            steps: self.steps(),
            epochs: self.trial.experiment.training.epochs,
            resumed_from: 0,
        }
    }

    /// Returns the number of steps of an epoch.
    pub(super) fn steps(&self) -> u32 {
        (self.train.len() as u32).div_ceil(self.trial.experiment.training.batch)
    }

    /// Computes one batch forward and backward, without a step, and returns its loss.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn check(&self) -> Result<f64, Error> {
        let n = self.train.len().min(self.trial.experiment.training.batch.into());
        let (images, labels) = self.train.batch(&Tensor::f_arange(n, (Kind::Int64, self.device))?)?;
        let loss = cross_entropy(&self.model.forward(&images, true)?, &labels)?;
        let weights: Vec<&Tensor> = self.model.parameters.iter().map(|p| &p.tensor).collect();
        let _gradients = Tensor::f_run_backward(&[&loss], &weights, false, false)?;
        Ok(loss.f_double_value(&[])?)
    }

    /// Trains one epoch and validates; digests are left empty.
    pub(super) fn epoch(
        &mut self,
        number: u32,
        rate: &LearningRate,
        emit: &mut dyn FnMut(Event),
    ) -> Result<Epoch, Error> {
        let wall = Instant::now();
        let cpu = usage::cpu_seconds();
        // The prepared images are the first epoch's.
        if number > 1
            && let Some(values) = self.prepared.epoch_values(number)
        {
            self.train.replace_values(&values)?;
        }
        let (score, learning_rate) = self.pass(number, rate, emit)?;
        let train_seconds = wall.elapsed().as_secs_f64();
        let train_cpu_seconds = usage::cpu_seconds() - cpu;
        let validating = Instant::now();
        let validation = match &self.validation {
            Some(samples) => Some(samples.score(&self.model)?),
            None => None,
        };
        Ok(Epoch {
            epoch: number,
            train: score,
            validation,
            learning_rate,
            samples: self.train.len() as u64,
            train_seconds,
            train_cpu_seconds,
            validation_seconds: validating.elapsed().as_secs_f64(),
            checkpoint_seconds: 0.0,
            trajectory: String::new(),
            tensors: BTreeMap::new(),
        })
    }

    /// One training step on the samples at `index` (64-bit, on the device).
    pub(super) fn step(&mut self, index: &Tensor, lr: f64, tally: &mut ScoreTally) -> Result<(), Error> {
        let (images, labels) = self.train.batch(index)?;
        let logits = self.model.forward(&images, true)?;
        let loss = cross_entropy(&logits, &labels)?;
        match self.model.penalty()? {
            Some(penalty) => tally.add(&logits, &loss.f_detach()?.f_add(&penalty)?, labels)?,
            None => tally.add(&logits, &loss, labels)?,
        }
        self.optimizer.step(&loss, lr)
    }

    /// Returns the order of the training samples in an epoch, on the device.
    pub(super) fn order(&self, epoch: u32) -> Result<Tensor, Error> {
        let mut stream = Stream::new(self.trial.seed, Purpose::Order, epoch.into());
        let order: Vec<i64> =
            stream.permutation(self.train.len() as usize).into_iter().map(i64::from).collect();
        Ok(Tensor::f_from_slice(&order)?.f_to_device(self.device)?)
    }

    /// One pass over the training samples, in an order drawn for this epoch.
    fn pass(
        &mut self,
        number: u32,
        rate: &LearningRate,
        emit: &mut dyn FnMut(Event),
    ) -> Result<(Score, f64), Error> {
        let order = self.order(number)?;
        shim::seed(Stream::new(self.trial.seed, Purpose::Dropout, number.into()).u64())?;

        let batch = i64::from(self.trial.experiment.training.batch);
        let mut tally = ScoreTally::default();
        let mut lr = rate.at(self.optimizer.steps());
        let mut reported = Instant::now();
        for start in (0..self.train.len()).step_by(batch as usize) {
            lr = rate.at(self.optimizer.steps());
            self.step(&order.f_narrow(0, start, batch.min(self.train.len() - start))?, lr, &mut tally)?;
            if reported.elapsed() >= REPORT_EVERY {
                reported = Instant::now();
                let step = (start / batch) as u32 + 1;
                emit(Event::Step { epoch: number, step, steps: self.steps() });
            }
        }
        Ok((tally.score()?, lr))
    }

    /// Returns every tensor that decides what comes next: weights, buffers, and the optimizer's state
    /// (`1.weight/square`), by name, in a fixed order.
    pub(super) fn tensors(&self) -> impl Iterator<Item = (String, &Tensor)> {
        let state = self
            .optimizer
            .state()
            .map(|(slot, index, tensor)| (format!("{}/{slot}", self.model.parameters[index].name), tensor));
        self.model.tensors().map(|(name, tensor)| (name.to_owned(), tensor)).chain(state)
    }

    /// Returns what it trains, and on what.
    pub(super) fn trial(&self) -> &'a Trial {
        self.trial
    }

    /// Returns the device on which it computes.
    pub(super) fn device(&self) -> Device {
        self.device
    }

    /// Returns a copy of every tensor that decides what comes next.
    pub(super) fn state(&self) -> Result<Vec<Tensor>, Error> {
        self.tensors().map(|(_, tensor)| Ok(tensor.f_detach_copy()?)).collect()
    }

    /// Goes back to a state from before the first step.
    pub(super) fn rewind(&mut self, state: &[Tensor]) -> Result<(), Error> {
        self.optimizer.resume(0);
        self.tensors().zip(state).try_for_each(|((_, tensor), saved)| overwrite(tensor, saved))
    }

    /// Returns the number of steps of the optimizer so far.
    pub(super) fn steps_taken(&self) -> u64 {
        self.optimizer.steps()
    }

    /// Goes on from these tensors after so many steps.
    pub(super) fn resume(&mut self, steps: u64, saved: &Tensors) -> Result<(), Error> {
        self.optimizer.resume(steps);
        let missing = |name: &str| Error::System(format!("the checkpoint lacks the tensor {name}"));
        for (name, tensor) in self.tensors() {
            overwrite(tensor, saved.get(&name).ok_or_else(|| missing(&name))?)?;
        }
        Ok(())
    }

    /// Returns a copy of the weights and buffers, in the model's order.
    pub(super) fn snapshot(&self) -> Result<Vec<Tensor>, Error> {
        self.model.tensors().map(|(_, tensor)| Ok(tensor.f_detach_copy()?)).collect()
    }

    /// Puts a snapshot back.
    pub(super) fn restore(&self, snapshot: &[Tensor]) -> Result<(), Error> {
        self.model.tensors().zip(snapshot).try_for_each(|((_, tensor), saved)| overwrite(tensor, saved))
    }

    /// Returns the model's names with a snapshot's tensors.
    pub(super) fn named<'s>(&'s self, snapshot: &'s [Tensor]) -> impl Iterator<Item = (&'s str, &'s Tensor)> {
        self.model.tensors().zip(snapshot).map(|((name, _), tensor)| (name, tensor))
    }

    /// Returns the weights, then the buffers, by name.
    pub(super) fn weights(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        self.model.tensors()
    }

    /// Returns whether all weights and buffers are numbers.
    pub(super) fn is_finite(&self) -> Result<bool, Error> {
        for (_, tensor) in self.weights() {
            if tensor.f_isfinite()?.f_all()?.f_int64_value(&[])? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the SHA-256 of the weights and buffers.
    pub(super) fn weights_digest(&self) -> Result<String, Error> {
        digest::all(self.weights())
    }

    /// Returns the score on the test samples, and how they were classified. Returns `None` if there are none.
    pub(super) fn test(&self) -> Result<Option<(Score, Counts)>, Error> {
        self.test.as_ref().map(|samples| samples.classify(&self.model)).transpose()
    }

    /// Returns the peak memory of the device, in bytes.
    pub(super) fn device_peak_memory(&self) -> Result<Option<u64>, Error> {
        device::peak_memory(self.device)
    }
}

/// Puts saved values into a tensor of the same shape.
pub(super) fn overwrite(tensor: &Tensor, saved: &Tensor) -> Result<(), Error> {
    let _no_grad = tch::no_grad_guard();
    if tensor.size() != saved.size() {
        let message = format!("a saved tensor has shape {:?}, not {:?}", saved.size(), tensor.size());
        return Err(Error::System(message));
    }
    Ok(tensor.shallow_clone().f_copy_(saved)?)
}
