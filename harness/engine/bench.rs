//! A recurrent layer with no network around it, to time cells beside each other.

use tch::{Device, Kind, Tensor};

use super::error::Error;
use super::layers::recurrent::Stack;
use super::layers::{Builder, Parameter};
use super::shim;
use crate::recipe::Convention;
use crate::recipe::Numerics;
use crate::recipe::layers::recurrent::Recurrent;
use crate::rng::{Purpose, Stream};

/// A recurrent layer in float32 on the CPU, on one thread, and a sequence to read.
pub struct BenchedLayer {
    layer: Stack,
    parameters: Vec<Parameter>,
    sequence: Tensor,
}

impl BenchedLayer {
    /// Returns the layer with random weights, to read a random sequence of (batch, steps, inputs).
    ///
    /// # Errors
    /// No memory.
    pub fn new(form: &Recurrent, inputs: u32, batch: u32, steps: u32) -> Result<Self, Error> {
        shim::configure(1, Numerics::Native)?;
        let mut builder = Builder::new(Convention::Torch, 1, Kind::Float, Device::Cpu);
        let layer = Stack::new(form, inputs, "0", &mut builder)?;
        let mut stream = Stream::new(1, Purpose::Probe, 0);
        let values: Vec<f32> = (0..batch * steps * inputs).map(|_| stream.unit() as f32).collect();
        let shape = [batch, steps, inputs].map(i64::from);
        let sequence = Tensor::f_from_slice(&values)?.f_reshape(shape)?;
        Ok(BenchedLayer { layer, parameters: builder.parameters, sequence })
    }

    /// Reads the sequence, without a record for gradients.
    ///
    /// # Errors
    /// As libtorch has them.
    pub fn forward(&self) -> Result<(), Error> {
        let _no_gradients = tch::no_grad_guard();
        self.layer.forward(&self.sequence).map(drop)
    }

    /// Reads the sequence, and computes all weights' gradients of the sum of what is handed on.
    ///
    /// # Errors
    /// As [`forward`](BenchedLayer::forward).
    pub fn forward_and_backward(&self) -> Result<(), Error> {
        let sum = self.layer.forward(&self.sequence)?.f_sum(None)?;
        let weights: Vec<&Tensor> = self.parameters.iter().map(|parameter| &parameter.tensor).collect();
        Tensor::f_run_backward(&[&sum], &weights, false, false)?;
        Ok(())
    }
}
