//! The network: built from its description, run forward.

use std::ops::Range;

use tch::{Device, Kind, Tensor};

use super::error::Error;
use super::init::{Init, Initializer};
use super::recurrent::{Form, Recurrent};
use crate::recipe::shape::{self, LayerPlan, Shape};
use crate::recipe::{Activation, Convention, Experiment, Layer, Padding, ReadBy};

/// A trainable tensor.
pub struct Parameter {
    /// Layer index and PyTorch's name: `2.weight_ih_l0`.
    pub name: String,
    /// A leaf that requires gradients.
    pub tensor: Tensor,
    /// l times the sum of squares is added to the loss.
    pub l2: f64,
}

/// A network with its weights.
pub struct Model {
    layers: Vec<Built>,
    /// In a fixed order.
    pub parameters: Vec<Parameter>,
    /// Running statistics by name, in a fixed order; changed in place while training.
    pub buffers: Vec<(String, Tensor)>,
}

enum Built {
    Flatten,
    Dense { weight: Tensor, bias: Option<Tensor>, activation: Activation },
    Conv { weight: Tensor, bias: Option<Tensor>, stride: [i64; 2], padding: [i64; 2], activation: Activation },
    BatchNorm { weight: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, momentum: f64, eps: f64 },
    MaxPool { size: [i64; 2], stride: [i64; 2] },
    AvgPool { size: [i64; 2], stride: [i64; 2] },
    Dropout { rate: f64 },
    Activation(Activation),
    Sequence(ReadBy),
    Recurrent(Recurrent),
}

impl Model {
    /// Builds the network of `experiment` with the initial weights of `seed`.
    ///
    /// # Errors
    /// Layers that do not fit together; no memory.
    pub fn new(experiment: &Experiment, seed: u64, kind: Kind, device: Device) -> Result<Self, Error> {
        let Experiment { convention, layers, data, .. } = experiment;
        let plan = shape::plan(layers, *convention, Shape::of_input(data), shape::CLASSES)?;
        let mut builder = Builder {
            convention: *convention,
            init: Initializer::new(seed, kind, device),
            parameters: Vec::new(),
            buffers: Vec::new(),
        };
        let mut built = Vec::with_capacity(layers.len());
        for (index, layer) in layers.iter().enumerate() {
            let input = plan.iter().find(|row: &&LayerPlan| row.layer == index).map(|row| row.input);
            let features = input.map_or(0, Shape::features);
            built.push(builder.layer(index, layer, features)?);
        }
        Ok(Model { layers: built, parameters: builder.parameters, buffers: builder.buffers })
    }

    /// Trainable parameters.
    pub fn count(&self) -> u64 {
        self.parameters.iter().map(|parameter| parameter.tensor.numel() as u64).sum()
    }

    /// (batch, 1, height, width) to logits (batch, classes), or (batch, steps, classes) where the
    /// last layer hands on a sequence. `training` switches dropout and batch statistics on.
    pub fn forward(&self, images: &Tensor, training: bool) -> Result<Tensor, Error> {
        self.pass(0..self.layers.len(), images, training)
    }

    /// What the layers with these indices make of `x`, for evaluation.
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

    /// Layers.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// The recurrent layer with this index.
    pub fn recurrent(&self, layer: usize) -> Option<&Recurrent> {
        match self.layers.get(layer) {
            Some(Built::Recurrent(stack)) => Some(stack),
            _ => None,
        }
    }

    /// Weights, then buffers, by name.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &Tensor)> {
        let weights = self.parameters.iter().map(|parameter| (parameter.name.as_str(), &parameter.tensor));
        weights.chain(self.buffers.iter().map(|(name, buffer)| (name.as_str(), buffer)))
    }

    /// The L2 penalty that is added to the loss; none where no kernel has one.
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

struct Builder {
    convention: Convention,
    init: Initializer,
    parameters: Vec<Parameter>,
    buffers: Vec<(String, Tensor)>,
}

impl Builder {
    fn layer(&mut self, index: usize, layer: &Layer, features: u32) -> Result<Built, Error> {
        Ok(match *layer {
            Layer::Flatten => Built::Flatten,
            Layer::Dense { units, activation, bias, l2 } => {
                let (weight, bias) = self.kernel(index, &[units, features], (features, units), bias, l2)?;
                Built::Dense { weight, bias, activation }
            }
            Layer::Conv { filters, kernel: [height, width], stride, padding, activation, bias, l2 } => {
                let area = height * width;
                let shape = [filters, features, height, width];
                let (weight, bias) =
                    self.kernel(index, &shape, (area * features, area * filters), bias, l2)?;
                let padding = match padding {
                    Padding::Same => pair([height / 2, width / 2]),
                    Padding::Valid => [0, 0],
                };
                Built::Conv { weight, bias, stride: pair(stride), padding, activation }
            }
            Layer::BatchNorm { momentum, eps } => {
                let weight = self.parameter(index, "weight", &[features], Init::Constant(1.0), 0.0)?;
                let bias = self.parameter(index, "bias", &[features], Init::Constant(0.0), 0.0)?;
                let mean = self.init.buffer(features, 0.0)?;
                let variance = self.init.buffer(features, 1.0)?;
                self.buffers.push((format!("{index}.running_mean"), mean.shallow_clone()));
                self.buffers.push((format!("{index}.running_var"), variance.shallow_clone()));
                Built::BatchNorm { weight, bias, mean, variance, momentum, eps }
            }
            Layer::MaxPool { size, stride } => Built::MaxPool { size: pair(size), stride: pair(stride) },
            Layer::AvgPool { size, stride } => Built::AvgPool { size: pair(size), stride: pair(stride) },
            Layer::Dropout { rate } => Built::Dropout { rate },
            Layer::Activation { function } => Built::Activation(function),
            Layer::Sequence { by } => Built::Sequence(by),
            Layer::Recurrent { cell, units, layers, bidirectional, output, reset, implementation, l2 } => {
                let form = Form {
                    cell,
                    inputs: features,
                    units,
                    layers,
                    bidirectional,
                    output,
                    reset,
                    implementation,
                    l2,
                };
                let parameters = &mut self.parameters;
                Built::Recurrent(Recurrent::new(&form, self.convention, index, &mut self.init, parameters)?)
            }
        })
    }

    fn parameter(
        &mut self,
        index: usize,
        name: &str,
        shape: &[u32],
        init: Init,
        l2: f64,
    ) -> Result<Tensor, Error> {
        let tensor = self.init.parameter(shape, init)?;
        let name = format!("{index}.{name}");
        self.parameters.push(Parameter { name, tensor: tensor.shallow_clone(), l2 });
        Ok(tensor)
    }

    /// The kernel, and the bias, of a dense or convolutional layer.
    fn kernel(
        &mut self,
        index: usize,
        shape: &[u32],
        (fan_in, fan_out): (u32, u32),
        bias: bool,
        l2: f64,
    ) -> Result<(Tensor, Option<Tensor>), Error> {
        let (kernel_init, bias_init) = match self.convention {
            Convention::Torch => (Init::torch(fan_in), Init::torch(fan_in)),
            Convention::Keras => (Init::glorot(fan_in, fan_out), Init::Constant(0.0)),
        };
        let weight = self.parameter(index, "weight", shape, kernel_init, l2)?;
        let bias = match bias {
            true => Some(self.parameter(index, "bias", &shape[..1], bias_init, 0.0)?),
            false => None,
        };
        Ok((weight, bias))
    }
}

fn pair([down, across]: [u32; 2]) -> [i64; 2] {
    [down.into(), across.into()]
}

impl Built {
    fn forward(&self, x: Tensor, training: bool) -> Result<Tensor, Error> {
        Ok(match self {
            Built::Flatten => x.f_flatten(1, -1)?,
            Built::Dense { weight, bias, activation } => {
                activate(x.f_linear(weight, bias.as_ref())?, *activation)?
            }
            Built::Conv { weight, bias, stride, padding, activation } => {
                let y = x.f_conv2d(weight, bias.as_ref(), stride, padding, [1, 1], 1)?;
                activate(y, *activation)?
            }
            Built::BatchNorm { weight, bias, mean, variance, momentum, eps } => {
                if training && x.numel() as i64 == mean.size()[0] {
                    return Err(Error::OneValue);
                }
                let norm = |x: &Tensor| {
                    x.f_batch_norm(
                        Some(weight),
                        Some(bias),
                        Some(mean),
                        Some(variance),
                        training,
                        *momentum,
                        *eps,
                        true,
                    )
                };
                match x.dim() {
                    3 => norm(&x.f_transpose(1, 2)?)?.f_transpose(1, 2)?,
                    _ => norm(&x)?,
                }
            }
            Built::MaxPool { size, stride } => x.f_max_pool2d(size, stride, [0, 0], [1, 1], false)?,
            Built::AvgPool { size, stride } => {
                x.f_avg_pool2d(size, stride, [0, 0], false, true, None::<i64>)?
            }
            Built::Dropout { rate } => x.f_dropout(*rate, training)?,
            Built::Activation(function) => activate(x, *function)?,
            Built::Sequence(by) => sequence(&x, *by)?,
            Built::Recurrent(stack) => stack.forward(&x)?,
        })
    }
}

fn activate(x: Tensor, function: Activation) -> Result<Tensor, Error> {
    Ok(match function {
        Activation::Linear => x,
        Activation::Relu => x.f_relu()?,
        Activation::Tanh => x.f_tanh()?,
        Activation::Sigmoid => x.f_sigmoid()?,
    })
}

/// (batch, channels, height, width) to (batch, steps, features).
fn sequence(x: &Tensor, by: ReadBy) -> Result<Tensor, Error> {
    Ok(match by {
        ReadBy::Rows => x.f_permute([0, 2, 1, 3])?.f_flatten(2, 3)?,
        ReadBy::Columns => x.f_permute([0, 3, 1, 2])?.f_flatten(2, 3)?,
        ReadBy::Pixels => x.f_flatten(2, 3)?.f_transpose(1, 2)?,
    })
}
