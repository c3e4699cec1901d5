//! The network: built from its description, run forward.

use std::any::Any;
use std::ops::Range;

use tch::{Device, Kind, Tensor};

use super::error::Error;
use super::layers::recurrent::Stack;
use super::layers::{Build, Builder, Forward, Parameter};
use crate::recipe::Experiment;
use crate::recipe::shape::{self, LayerPlan};

/// A network with its weights.
pub struct Model {
    layers: Vec<Box<dyn Forward>>,
    /// The number of classes of its data.
    pub classes: usize,
    /// In a fixed order.
    pub parameters: Vec<Parameter>,
    /// Running statistics by name, in a fixed order; changed in place while training.
    pub buffers: Vec<(String, Tensor)>,
}

impl Model {
    /// Builds the network of `experiment` with the initial weights of `seed`.
    ///
    /// # Errors
    /// Layers that do not fit together; no memory.
    pub fn new(experiment: &Experiment, seed: u64, kind: Kind, device: Device) -> Result<Self, Error> {
        let Experiment { convention, layers, data, .. } = experiment;
        let input = data.input();
        let plan = shape::plan_of(experiment)?;
        let mut builder = Builder::new(*convention, seed, kind, device);
        let mut built = Vec::with_capacity(layers.len());
        for (index, layer) in layers.iter().enumerate() {
            let row = plan.iter().find(|row: &&LayerPlan| row.layer == index);
            let input = row.map_or(input, |row| row.input);
            built.push(layer.build(&index.to_string(), input, &mut builder)?);
        }
        Ok(Model {
            layers: built,
            classes: data.geometry.classes as usize,
            parameters: builder.parameters,
            buffers: builder.buffers,
        })
    }

    /// Returns the number of trainable parameters.
    pub fn count(&self) -> u64 {
        self.parameters.iter().map(|parameter| parameter.tensor.numel() as u64).sum()
    }

    /// Computes from images of shape (batch, 1, height, width) the logits (batch, classes), or (batch, steps, classes)
    /// where the last layer hands on a sequence. `training` switches dropout and batch statistics on.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn forward(&self, images: &Tensor, training: bool) -> Result<Tensor, Error> {
        self.pass(0..self.layers.len(), images, training)
    }

    /// Returns the output of the layers with these indices for `x`, in evaluation.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn part(&self, layers: Range<usize>, x: &Tensor) -> Result<Tensor, Error> {
        self.pass(layers, x, false)
    }

    fn pass(&self, layers: Range<usize>, x: &Tensor, training: bool) -> Result<Tensor, Error> {
        let mut x = x.shallow_clone();
        for layer in &self.layers[layers] {
            x = layer.forward(x, training)?;
        }
        Ok(x)
    }

    /// Returns the number of layers.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Returns the recurrent layer with this index.
    pub fn recurrent(&self, layer: usize) -> Option<&Stack> {
        let layer: &dyn Any = self.layers.get(layer)?.as_ref();
        layer.downcast_ref()
    }

    /// Returns the weights, then the buffers, by name.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        let weights = self.parameters.iter().map(|parameter| (parameter.name.as_str(), &parameter.tensor));
        weights.chain(self.buffers.iter().map(|(name, buffer)| (name.as_str(), buffer)))
    }

    /// Returns the L2 penalty that is added to the loss; `None` where no kernel has one.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn penalty(&self) -> Result<Option<Tensor>, Error> {
        let mut sum: Option<Tensor> = None;
        for parameter in self.parameters.iter().filter(|parameter| parameter.l2 != 0.0) {
            let squares = parameter.tensor.f_detach()?.f_square()?.f_sum(None)?.f_mul_scalar(parameter.l2)?;
            sum = Some(match sum {
                Some(sum) => sum.f_add(&squares)?,
                None => squares,
            });
        }
        Ok(sum)
    }
}
