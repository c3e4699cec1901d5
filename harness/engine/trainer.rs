//! A model, its optimizer and its data: steps, epochs, scores.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::{Duration, Instant};

use tch::{Device, Kind, Tensor};

use super::device;
use super::digest::{self, OnHost};
use super::error::Error;
use super::model::Model;
use super::optimizer::StatefulOptimizer;
use super::planned::{HostTally, PlannedStep};
use super::samples::{DeviceSamples, ScoreTally, cross_entropy};
use super::shim;
use super::tensors::{Tensors, overwrite};
use super::usage;
use super::watch::LearningRate;
use crate::data::{Dataset, Prepared, Samples};
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
    optimizer: StatefulOptimizer,
    compute: StepBackend,
    /// What the masks of dropout are drawn from in this epoch.
    noise: Stream,
}

/// Who computes a step, and the samples where it reads them.
enum StepBackend {
    /// The planned step, on the CPU.
    Planned { step: Box<PlannedStep>, train: Samples, validation: Option<Samples>, test: Option<Samples> },
    /// libtorch's operations and autograd.
    Library {
        train: DeviceSamples,
        /// What the training samples of each epoch are made from, where they differ.
        redrawn: Option<Samples>,
        validation: Option<DeviceSamples>,
        test: Option<DeviceSamples>,
    },
}

/// The order of the training samples in an epoch.
pub struct SampleOrder {
    index: Vec<u32>,
    /// The same on the device, for libtorch.
    on_device: Option<Tensor>,
}

impl SampleOrder {
    /// Returns the number of samples.
    pub fn len(&self) -> usize {
        self.index.len()
    }
}

/// What the batches of a pass yield.
#[derive(Default)]
pub struct PassTally {
    planned: HostTally,
    library: ScoreTally,
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
            StatefulOptimizer::new(training.optimizer, experiment.convention, decay, &model.parameters)?
                .clipped(training.gradient_clip, decay, &model.parameters);
        let Prepared { train, validation, test } = Prepared::new(dataset, &experiment.data, trial.seed)?;
        let place = |samples: Option<_>| match samples {
            Some(samples) => DeviceSamples::new(&samples, device).map(Some),
            None => Ok(None),
        };
        let compute = if trial.environment.is_planned() {
            let step = Box::new(PlannedStep::new(experiment, &model));
            StepBackend::Planned { step, train, validation, test }
        } else {
            let on_device = DeviceSamples::new(&train, device)?;
            let redrawn = train.changes_every_epoch().then_some(train);
            usage::keep_memory();
            let [validation, test] = [place(validation)?, place(test)?];
            StepBackend::Library { train: on_device, redrawn, validation, test }
        };
        let noise = Stream::new(trial.seed, Purpose::Dropout, 1);
        Ok(Trainer { trial, device, model, optimizer, compute, noise })
    }

    /// Returns the numbers of training, validation and test samples.
    fn counts(&self) -> [u32; 3] {
        match &self.compute {
            StepBackend::Planned { train, validation, test, .. } => {
                let count =
                    |samples: &Option<Samples>| samples.as_ref().map_or(0, |samples| samples.labels.len());
                [train.labels.len(), count(validation), count(test)].map(|count| count as u32)
            }
            StepBackend::Library { train, validation, test, .. } => {
                let count = |samples: &Option<DeviceSamples>| samples.as_ref().map_or(0, DeviceSamples::len);
                [train.len(), count(validation), count(test)].map(|count| count as u32)
            }
        }
    }

    /// Returns what is known before the first step.
    pub fn started(&self) -> Started {
        let [train_samples, validation_samples, test_samples] = self.counts();
        Started {
            parameters: self.model.count(),
            train_samples,
            validation_samples,
            test_samples,
            steps: self.steps(),
            epochs: self.trial.experiment.training.epochs,
            resumed_from: 0,
        }
    }

    /// Returns the number of steps of an epoch.
    pub(super) fn steps(&self) -> u32 {
        self.counts()[0].div_ceil(self.trial.experiment.training.batch)
    }

    /// Computes one batch forward and backward, without a step, and returns its loss.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn check(&mut self) -> Result<f64, Error> {
        let n = self.counts()[0].min(self.trial.experiment.training.batch);
        match &mut self.compute {
            StepBackend::Planned { step, train, .. } => {
                let index: Vec<u32> = (0..n).collect();
                step.check(&mut self.model, train, &index)
            }
            StepBackend::Library { train, .. } => {
                let index = Tensor::f_arange(i64::from(n), (Kind::Int64, self.device))?;
                let (images, labels) = train.batch(&index)?;
                let loss = cross_entropy(&self.model.forward(&images, true)?, &labels)?;
                let weights: Vec<&Tensor> = self.model.parameters.iter().map(|p| &p.tensor).collect();
                let _gradients = Tensor::f_run_backward(&[&loss], &weights, false, false)?;
                Ok(loss.f_double_value(&[])?)
            }
        }
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
        match &mut self.compute {
            StepBackend::Planned { train, .. } => train.begin_epoch(number),
            StepBackend::Library { train, redrawn: Some(redrawn), .. } if number > 1 => {
                redrawn.begin_epoch(number);
                train.replace_values(&redrawn.values())?;
            }
            StepBackend::Library { .. } => {}
        }
        let (score, learning_rate) = self.pass(number, rate, emit)?;
        let train_seconds = wall.elapsed().as_secs_f64();
        let train_cpu_seconds = usage::cpu_seconds() - cpu;
        let validating = Instant::now();
        let validation = match &mut self.compute {
            StepBackend::Planned { step, validation: Some(samples), .. } => {
                Some(step.classify(&mut self.model, samples)?.0)
            }
            StepBackend::Library { validation: Some(samples), .. } => Some(samples.score(&self.model)?),
            _ => None,
        };
        Ok(Epoch {
            epoch: number,
            train: score,
            validation,
            learning_rate,
            samples: self.counts()[0].into(),
            train_seconds,
            train_cpu_seconds,
            validation_seconds: validating.elapsed().as_secs_f64(),
            checkpoint_seconds: 0.0,
            trajectory: String::new(),
            tensors: BTreeMap::new(),
        })
    }

    /// One training step on these places of an order.
    pub(super) fn step(
        &mut self,
        order: &SampleOrder,
        places: Range<usize>,
        lr: f64,
        tally: &mut PassTally,
    ) -> Result<(), Error> {
        match &mut self.compute {
            StepBackend::Planned { step, train, .. } => {
                let (rule, mut state) = self.optimizer.planned(lr);
                let index = &order.index[places];
                let noise = &mut self.noise;
                step.step(&mut self.model, &mut state, train, index, rule, noise, &mut tally.planned)
            }
            StepBackend::Library { train, .. } => {
                let index = order
                    .on_device
                    .as_ref()
                    .ok_or_else(|| Error::System("the order of samples is on the device".into()))?;
                let index = index.f_narrow(0, places.start as i64, places.len() as i64)?;
                let (images, labels) = train.batch(&index)?;
                let logits = self.model.forward(&images, true)?;
                let loss = cross_entropy(&logits, &labels)?;
                match self.model.penalty()? {
                    Some(penalty) => {
                        tally.library.add(&logits, &loss.f_detach()?.f_add(&penalty)?, labels)?;
                    }
                    None => tally.library.add(&logits, &loss, labels)?,
                }
                self.optimizer.step(&loss, lr)
            }
        }
    }

    /// Makes all training samples now, so that no step makes any.
    pub(super) fn make_samples(&mut self) {
        if let StepBackend::Planned { train, .. } = &mut self.compute {
            train.make_all();
        }
    }

    /// Returns the order of the training samples in an epoch.
    pub(super) fn order(&self, epoch: u32) -> Result<SampleOrder, Error> {
        let mut stream = Stream::new(self.trial.seed, Purpose::Order, epoch.into());
        let index = stream.permutation(self.counts()[0] as usize);
        let on_device = match self.compute {
            StepBackend::Planned { .. } => None,
            StepBackend::Library { .. } => {
                let wide: Vec<i64> = index.iter().copied().map(i64::from).collect();
                Some(Tensor::f_from_slice(&wide)?.f_to_device(self.device)?)
            }
        };
        Ok(SampleOrder { index, on_device })
    }

    /// One pass over the training samples, in an order drawn for this epoch.
    fn pass(
        &mut self,
        number: u32,
        rate: &LearningRate,
        emit: &mut dyn FnMut(Event),
    ) -> Result<(Score, f64), Error> {
        let order = self.order(number)?;
        self.noise = Stream::new(self.trial.seed, Purpose::Dropout, number.into());
        if matches!(self.compute, StepBackend::Library { .. }) {
            shim::seed(self.noise.u64())?;
        }
        let batch = self.trial.experiment.training.batch as usize;
        let mut tally = PassTally::default();
        let mut lr = rate.at(self.optimizer.steps());
        let mut reported = Instant::now();
        for start in (0..order.len()).step_by(batch) {
            lr = rate.at(self.optimizer.steps());
            self.step(&order, start..order.len().min(start + batch), lr, &mut tally)?;
            if reported.elapsed() >= REPORT_EVERY {
                reported = Instant::now();
                let step = (start / batch) as u32 + 1;
                emit(Event::Step { epoch: number, step, steps: self.steps() });
            }
        }
        let score = match self.compute {
            StepBackend::Planned { .. } => tally.planned.score(),
            StepBackend::Library { .. } => tally.library.score()?,
        };
        Ok((score, lr))
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
            if !OnHost::new(tensor)?.floats()?.iter().all(|value| value.is_finite()) {
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
    pub(super) fn test(&mut self) -> Result<Option<(Score, Counts)>, Error> {
        match &mut self.compute {
            StepBackend::Planned { step, test, .. } => {
                test.as_mut().map(|samples| step.classify(&mut self.model, samples)).transpose()
            }
            StepBackend::Library { test, .. } => {
                test.as_ref().map(|samples| samples.classify(&self.model)).transpose()
            }
        }
    }

    /// Returns the peak memory of the device, in bytes.
    pub(super) fn device_peak_memory(&self) -> Result<Option<u64>, Error> {
        device::peak_memory(self.device)
    }
}
