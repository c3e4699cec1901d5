//! What is trained, and where gradients go.

use super::vector::Scalar;

/// The values that a network computes with, borrowed for a step.
#[derive(Debug, Default)]
pub struct Parameters<'a, S> {
    /// What is trained, in the network's order.
    pub values: Vec<&'a mut [S]>,
    /// Running statistics, in the network's order.
    pub buffers: Vec<&'a mut [S]>,
}

/// Takes gradients as soon as a layer has them.
pub trait GradientSink<S> {
    /// Takes the gradient of the elements of a parameter from `at` on. The layer no longer reads these elements in this
    /// step, so they may be changed.
    fn take(&mut self, parameters: &mut Parameters<'_, S>, index: usize, at: usize, gradient: &[S]);
}

/// Keeps the gradients of a whole step.
#[derive(Debug, Default)]
pub struct KeptGradients<S> {
    /// The gradient of each parameter, in the network's order.
    pub values: Vec<Vec<S>>,
}

impl<S: Scalar> KeptGradients<S> {
    /// Returns gradients of 0 for parameters of these lengths.
    pub fn new(lengths: impl Iterator<Item = usize>) -> Self {
        KeptGradients { values: lengths.map(|length| vec![S::ZERO; length]).collect() }
    }
}

impl<S: Scalar> GradientSink<S> for KeptGradients<S> {
    fn take(&mut self, _: &mut Parameters<'_, S>, index: usize, at: usize, gradient: &[S]) {
        self.values[index][at..at + gradient.len()].copy_from_slice(gradient);
    }
}
