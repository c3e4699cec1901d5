//! The planned step on the CPU: [`crate::kernels`] with the weights of a model.

use tch::Tensor;

use super::error::Error;
use super::layers::Parameter;
use super::model::Model;
use super::numbers::numbers;
use super::optimizer::OptimizerState;
use crate::data::{SampleValues, Samples};
use crate::event::{Counts, Score};
use crate::kernels::fraction::fractions;
use crate::kernels::loss::BatchScore;
use crate::kernels::network::{PlannedNetwork, SampleReader};
use crate::kernels::optimizers::{OptimizerStep, scale, squares};
use crate::kernels::parameters::{GradientSink, KeptGradients, Parameters};
use crate::recipe::{Experiment, Training};
use crate::rng::Stream;

/// Samples a forward pass without gradients; it decides nothing but memory.
const EVALUATION_BATCH: usize = 64;
/// Losses are added up over so many samples, and then to the others.
const RUN: usize = 256;

/// A network's buffers, and what a step does with its gradients.
pub struct PlannedStep {
    network: PlannedNetwork<f32>,
    /// What is added to each gradient times its weight: weight decay w, and 2 l of an L2 penalty l.
    decay: Vec<f64>,
    /// The largest norm of all gradients together, and where they are kept until it is known; the penalties' factors.
    clip: Option<(f64, KeptGradients<f32>, Vec<f64>)>,
}

impl PlannedStep {
    /// Plans the steps of an experiment and the evaluation of its model.
    pub fn new(experiment: &Experiment, model: &Model) -> Self {
        let Training { batch, weight_decay, gradient_clip, .. } = experiment.training;
        let most = (batch as usize).max(EVALUATION_BATCH);
        let penalties: Vec<f64> = model.parameters.iter().map(|parameter| 2.0 * parameter.l2).collect();
        let lengths = model.parameters.iter().map(|parameter| parameter.tensor.numel());
        let clip = gradient_clip.map(|limit| (limit, KeptGradients::new(lengths), penalties.clone()));
        let decay = |penalty: &f64| if clip.is_some() { weight_decay } else { weight_decay + penalty };
        PlannedStep {
            network: PlannedNetwork::new(
                &experiment.layers,
                experiment.convention,
                experiment.data.input(),
                most,
            ),
            decay: penalties.iter().map(decay).collect(),
            clip,
        }
    }

    /// Takes a step on the samples at `index`, and adds their score to `tally`.
    ///
    /// # Errors
    /// [`Error::OneValue`] for a batch of one sample that is to be normalized; a tensor that is not on the CPU.
    #[allow(clippy::too_many_arguments, reason = "a step takes what it changes one by one")]
    pub fn step(
        &mut self,
        model: &mut Model,
        state: &mut OptimizerState<'_>,
        samples: &mut Samples,
        index: &[u32],
        step: OptimizerStep,
        noise: &mut Stream,
        tally: &mut HostTally,
    ) -> Result<(), Error> {
        if index.len() < self.network.fewest() {
            return Err(Error::OneValue);
        }
        let penalty = penalty(model)?;
        let mut parameters = borrowed(model)?;
        let mut slots = state.slots()?;
        let noise = noise.u64();
        let network = &mut self.network;
        let score = match &mut self.clip {
            None => {
                let mut mover = Mover { step, decay: &self.decay, slots: &mut slots };
                network.train(samples, index, noise, &mut parameters, &mut mover)
            }
            Some((limit, gradients, penalties)) => {
                let score = network.train(samples, index, noise, &mut parameters, gradients);
                clip(*limit, &mut gradients.values, penalties, &parameters);
                let mut mover = Mover { step, decay: &self.decay, slots: &mut slots };
                for (parameter, gradient) in gradients.values.iter().enumerate() {
                    mover.take(&mut parameters, parameter, 0, gradient);
                }
                score
            }
        };
        tally.loss += score.loss + penalty * index.len() as f64;
        tally.hits += score.hits;
        tally.samples += index.len();
        Ok(())
    }

    /// Returns the mean loss of the samples at `index` after a pass forward and back, without a step.
    ///
    /// # Errors
    /// Returns an error if a tensor is not on the CPU.
    pub fn check(&mut self, model: &mut Model, samples: &mut Samples, index: &[u32]) -> Result<f64, Error> {
        if index.len() < self.network.fewest() {
            return Err(Error::OneValue);
        }
        let lengths: Vec<usize> = model.parameters.iter().map(|parameter| parameter.tensor.numel()).collect();
        let mut parameters = borrowed(model)?;
        let mut gradients = KeptGradients::new(lengths.into_iter());
        let score = self.network.train(samples, index, 0, &mut parameters, &mut gradients);
        Ok(score.loss / index.len() as f64)
    }

    /// Returns the model's score on all samples, and how it classified them.
    ///
    /// # Errors
    /// Returns an error if a tensor is not on the CPU.
    pub fn classify(&mut self, model: &mut Model, samples: &mut Samples) -> Result<(Score, Counts), Error> {
        let penalty = penalty(model)?;
        let classes = model.classes;
        let mut parameters = borrowed(model)?;
        let mut tally = HostTally::default();
        let mut classified = Vec::with_capacity(samples.labels.len());
        let index: Vec<u32> = (0..samples.labels.len() as u32).collect();
        for run in index.chunks(RUN) {
            let mut score = BatchScore::default();
            for index in run.chunks(EVALUATION_BATCH) {
                self.network.evaluate(samples, index, &mut parameters, &mut score, |truth, outputs| {
                    classified.push(rank(outputs, truth.into()));
                });
            }
            tally.loss += score.loss;
            tally.hits += score.hits;
            tally.samples += run.len();
        }
        let mut score = tally.score();
        score.loss += penalty;
        Ok((score, Counts::of(classes, classified)))
    }
}

impl SampleReader<f32> for Samples {
    fn read(&mut self, index: usize, values: &mut [f32]) -> u16 {
        match self.sample(index) {
            SampleValues::Bytes(bytes) => fractions(bytes, values),
            SampleValues::Floats(floats) => values.copy_from_slice(floats),
        }
        self.labels[index]
    }
}

/// Returns the true class, the class of the largest output, and how many classes rank above the true one. Of equal
/// outputs the first ranks above.
fn rank(outputs: &[f32], truth: usize) -> (usize, usize, usize) {
    let largest =
        (1..outputs.len()).fold(0, |best, class| if outputs[class] > outputs[best] { class } else { best });
    let own = outputs[truth];
    let above =
        outputs.iter().enumerate().filter(|&(class, &value)| value > own || value == own && class < truth);
    (truth, largest, above.count())
}

/// What the batches of a pass yield.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostTally {
    loss: f64,
    hits: usize,
    samples: usize,
}

impl HostTally {
    /// Returns the mean loss and the fraction right.
    pub fn score(&self) -> Score {
        let samples = self.samples as f64;
        Score { loss: self.loss / samples, accuracy: self.hits as f64 / samples }
    }
}

/// Moves each parameter as soon as its gradient is there.
struct Mover<'m, 's> {
    step: OptimizerStep,
    decay: &'m [f64],
    /// By parameter, then by slot.
    slots: &'m mut [Vec<&'s mut [f32]>],
}

impl GradientSink<f32> for Mover<'_, '_> {
    fn take(&mut self, parameters: &mut Parameters<'_, f32>, index: usize, at: usize, gradient: &[f32]) {
        let range = at..at + gradient.len();
        let weights = &mut parameters.values[index][range.clone()];
        let decay = self.decay[index];
        match self.slots[index].as_mut_slice() {
            [] => self.step.apply(weights, gradient, &mut [], decay),
            [one] => self.step.apply(weights, gradient, &mut [&mut one[range]], decay),
            [one, two, ..] => {
                self.step.apply(weights, gradient, &mut [&mut one[range.clone()], &mut two[range]], decay);
            }
        }
    }
}

/// Adds the penalties' gradients and scales all down together where their norm is above `limit`, as
/// [`Clip`](super::clip::Clip) does.
fn clip(limit: f64, gradients: &mut [Vec<f32>], penalties: &[f64], parameters: &Parameters<'_, f32>) {
    for ((gradient, weights), &penalty) in gradients.iter_mut().zip(&parameters.values).zip(penalties) {
        if penalty != 0.0 {
            gradient
                .iter_mut()
                .zip(weights.iter())
                .for_each(|(gradient, weight)| *gradient += penalty as f32 * weight);
        }
    }
    let norm = gradients.iter().map(|gradient| squares(gradient)).sum::<f64>().sqrt();
    let factor = limit / (norm + 1e-6);
    if factor < 1.0 {
        gradients.iter_mut().for_each(|gradient| scale(gradient, factor as f32));
    }
}

/// Returns the L2 penalty that is added to the loss.
fn penalty(model: &mut Model) -> Result<f64, Error> {
    let mut sum = 0.0;
    for parameter in model.parameters.iter_mut().filter(|parameter| parameter.l2 != 0.0) {
        sum += parameter.l2 * squares(numbers(&mut parameter.tensor)?);
    }
    Ok(sum)
}

fn borrowed(model: &mut Model) -> Result<Parameters<'_, f32>, Error> {
    borrowed_parts(&mut model.parameters, &mut model.buffers)
}

/// Returns the numbers of parameters and buffers.
///
/// # Errors
/// Returns an error if a tensor is not on the CPU.
pub fn borrowed_parts<'m>(
    parameters: &'m mut [Parameter],
    buffers: &'m mut [(String, Tensor)],
) -> Result<Parameters<'m, f32>, Error> {
    let values = parameters.iter_mut().map(|parameter| numbers(&mut parameter.tensor));
    Ok(Parameters {
        values: values.collect::<Result<_, _>>()?,
        buffers: buffers.iter_mut().map(|(_, buffer)| numbers(buffer)).collect::<Result<_, _>>()?,
    })
}
