//! An optimizer with its state.

use tch::Tensor;

use super::clip::Clip;
use super::error::Error;
use super::layers::Parameter;
use super::numbers::numbers;
use super::optimizers;
use super::shim::StepTensors;
use crate::kernels::optimizers::OptimizerStep;
use crate::recipe::{self, Convention};

/// An optimizer with its state.
pub struct StatefulOptimizer {
    rule: recipe::Optimizer,
    convention: Convention,
    weights: Vec<Tensor>,
    /// What each gradient is given of its weight by the step: weight decay w, and 2 l of an L2 penalty l, unless
    /// that is given before clipping.
    decay: Vec<f64>,
    /// How gradients are scaled down; see [`StatefulOptimizer::clipped`].
    clip: Option<Clip>,
    /// By slot (Adam: first and second moment; RMSprop: squares; SGD: momentum, if any), one
    /// tensor a weight.
    state: Vec<Vec<Tensor>>,
    steps: u64,
}

impl StatefulOptimizer {
    /// Returns the optimizer for these parameters, in the form of `convention` and with a state of zeros.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn new(
        rule: recipe::Optimizer,
        convention: Convention,
        weight_decay: f64,
        parameters: &[Parameter],
    ) -> Result<Self, Error> {
        let weights: Vec<Tensor> = parameters.iter().map(|p| p.tensor.shallow_clone()).collect();
        let slots = rule.slots().len();
        let zeros = |_| -> Result<Vec<Tensor>, Error> {
            weights.iter().map(|w| Ok(w.f_detach()?.f_zeros_like()?)).collect()
        };
        Ok(StatefulOptimizer {
            rule,
            convention,
            decay: parameters.iter().map(|p| weight_decay + 2.0 * p.l2).collect(),
            clip: None,
            state: (0..slots).map(zeros).collect::<Result<_, _>>()?,
            weights,
            steps: 0,
        })
    }

    /// Scales all gradients down together where their norm is above `limit`; an L2 penalty's gradient is part of them,
    /// `weight_decay` is not. `None` leaves them.
    pub fn clipped(mut self, limit: Option<f64>, weight_decay: f64, parameters: &[Parameter]) -> Self {
        if let Some(limit) = limit {
            self.decay = vec![weight_decay; parameters.len()];
            self.clip = Some(Clip { limit, penalties: parameters.iter().map(|p| 2.0 * p.l2).collect() });
        }
        self
    }

    /// Moves the weights against the gradient of `loss` at learning rate `lr`.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn step(&mut self, loss: &Tensor, lr: f64) -> Result<(), Error> {
        let gradients = Tensor::f_run_backward(&[loss], &self.weights, false, false)?;
        self.apply(&gradients, lr)
    }

    /// Moves the weights against these gradients.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn apply(&mut self, gradients: &[Tensor], lr: f64) -> Result<(), Error> {
        self.steps += 1;
        let clipped = match &self.clip {
            Some(clip) => Some(clip.apply(gradients, &self.weights)?),
            None => None,
        };
        let gradients = clipped.as_deref().unwrap_or(gradients);
        let step = StepTensors {
            weights: &self.weights,
            gradients,
            decay: &self.decay,
            convention: self.convention,
            lr,
        };
        optimizers::apply(&self.rule, &step, &self.state, self.steps)
    }

    /// Counts a step that the planned step takes, and returns its rule and the state that it changes.
    pub(super) fn planned(&mut self, lr: f64) -> (OptimizerStep, OptimizerState<'_>) {
        self.steps += 1;
        let step = OptimizerStep { rule: self.rule, convention: self.convention, lr, number: self.steps };
        (step, OptimizerState { slots: &mut self.state, weights: self.weights.len() })
    }

    /// Returns the number of steps taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Goes on after so many steps; the state's tensors are put back through [`Self::state`].
    pub fn resume(&mut self, steps: u64) {
        self.steps = steps;
    }

    /// Returns the tensors of the state: a slot's name, the index of the weight it belongs to, the tensor.
    pub fn state(&self) -> impl Iterator<Item = (&'static str, usize, &Tensor)> {
        self.rule.slots().iter().zip(&self.state).flat_map(|(&name, slot)| {
            slot.iter().enumerate().map(move |(index, tensor)| (name, index, tensor))
        })
    }
}

/// The tensors of a state, borrowed for a planned step.
pub struct OptimizerState<'a> {
    slots: &'a mut [Vec<Tensor>],
    weights: usize,
}

impl OptimizerState<'_> {
    /// Returns their numbers, by weight, then by slot.
    ///
    /// # Errors
    /// Returns an error if a tensor is not on the CPU.
    pub fn slots(&mut self) -> Result<Vec<Vec<&mut [f32]>>, Error> {
        let mut by_weight: Vec<Vec<&mut [f32]>> = (0..self.weights).map(|_| Vec::new()).collect();
        for slot in self.slots.iter_mut() {
            for (tensor, slots) in slot.iter_mut().zip(&mut by_weight) {
                slots.push(numbers(tensor)?);
            }
        }
        Ok(by_weight)
    }
}
