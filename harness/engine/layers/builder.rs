//! Draws a model's parameters, one layer after the other.

use tch::{Device, Kind, Tensor};

use crate::engine::error::Error;
use crate::engine::init::{Init, Initializer};
use crate::recipe::Convention;

/// A tensor that is trained.
pub struct Parameter {
    /// The layer's index and PyTorch's name: `2.weight_ih_l0`.
    pub name: String,
    /// A leaf that requires gradients.
    pub tensor: Tensor,
    /// l times the sum of squares is added to the loss.
    pub l2: f64,
}

/// What a model's layers are built with, and what they leave.
pub struct Builder {
    /// Whose initial values are drawn.
    pub convention: Convention,
    /// Draws the initial values.
    pub init: Initializer,
    /// In a fixed order.
    pub parameters: Vec<Parameter>,
    /// Running statistics by name, in a fixed order.
    pub buffers: Vec<(String, Tensor)>,
}

impl Builder {
    /// Returns a builder that has drawn nothing yet.
    pub fn new(convention: Convention, seed: u64, kind: Kind, device: Device) -> Self {
        let init = Initializer::new(seed, kind, device);
        Builder { convention, init, parameters: Vec::new(), buffers: Vec::new() }
    }

    /// Keeps a parameter under the name `prefix.name`, with its L2 penalty.
    pub fn keep(&mut self, prefix: &str, name: &str, tensor: &Tensor, l2: f64) {
        let name = format!("{prefix}.{name}");
        self.parameters.push(Parameter { name, tensor: tensor.shallow_clone(), l2 });
    }

    /// Draws a parameter and keeps it under the name `prefix.name`.
    ///
    /// # Errors
    /// Returns an error if memory runs out.
    pub fn parameter(
        &mut self,
        prefix: &str,
        name: &str,
        shape: &[u32],
        init: Init,
        l2: f64,
    ) -> Result<Tensor, Error> {
        let tensor = self.init.parameter(shape, init)?;
        self.keep(prefix, name, &tensor, l2);
        Ok(tensor)
    }

    /// Keeps a buffer of `features` equal values under the name `prefix.name`.
    ///
    /// # Errors
    /// Returns an error if memory runs out.
    pub fn buffer(&mut self, prefix: &str, name: &str, features: u32, value: f64) -> Result<Tensor, Error> {
        let buffer = self.init.buffer(features, value)?;
        self.buffers.push((format!("{prefix}.{name}"), buffer.shallow_clone()));
        Ok(buffer)
    }

    /// Draws the kernel, and the bias where there is one, of a dense or convolutional layer.
    ///
    /// # Errors
    /// Returns an error if memory runs out.
    pub fn kernel(
        &mut self,
        prefix: &str,
        shape: &[u32],
        (fan_in, fan_out): (u32, u32),
        bias: bool,
        l2: f64,
    ) -> Result<(Tensor, Option<Tensor>), Error> {
        let (kernel_init, bias_init) = match self.convention {
            Convention::Torch => (Init::torch(fan_in), Init::torch(fan_in)),
            Convention::Keras | Convention::Tf1 => (Init::glorot(fan_in, fan_out), Init::Constant(0.0)),
        };
        let weight = self.parameter(prefix, "weight", shape, kernel_init, l2)?;
        let bias =
            if bias { Some(self.parameter(prefix, "bias", &shape[..1], bias_init, 0.0)?) } else { None };
        Ok((weight, bias))
    }
}
