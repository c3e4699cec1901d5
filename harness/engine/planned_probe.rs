//! The probe of the planned step: what small networks make of fixed samples, by the names of [`super::probe`]'s kernels.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use tch::{Device, Kind, Tensor};

use super::digest;
use super::error::Error;
use super::kernel::{N, digest_of, drawn};
use super::layers::{Build, Builder, Parameter};
use super::numbers::numbers;
use super::optimizer::StatefulOptimizer;
use super::planned::borrowed_parts;
use crate::kernels::network::{PlannedNetwork, SampleSet};
use crate::kernels::parameters::KeptGradients;
use crate::recipe::layers::activation::Elementwise;
use crate::recipe::layers::avg_pool::AvgPool;
use crate::recipe::layers::batch_norm::BatchNorm;
use crate::recipe::layers::conv::Conv;
use crate::recipe::layers::dense::Dense;
use crate::recipe::layers::dropout::Dropout;
use crate::recipe::layers::flatten::Flatten;
use crate::recipe::layers::global_avg_pool::GlobalAvgPool;
use crate::recipe::layers::layer_norm::LayerNorm;
use crate::recipe::layers::max_pool::MaxPool;
use crate::recipe::layers::recurrent::{Output, Recurrent, RecurrentCell, Reset};
use crate::recipe::layers::window::Window;
use crate::recipe::layers::{Layer, LayerKind, Place};
use crate::recipe::shape::Shape;
use crate::recipe::{self, Activation, Convention, Implementation, Padding};

/// Returns the digest of each kernel's network.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn run(optimizers: &[recipe::Optimizer]) -> Result<BTreeMap<String, String>, Error> {
    let mut digests = BTreeMap::new();
    for (name, input, batch, layers) in networks() {
        digests.insert(name.to_owned(), network(input, batch, &layers)?);
    }
    for rule in optimizers {
        digests.insert(rule.word().to_owned(), optimizer(*rule)?);
    }
    Ok(digests)
}

fn networks() -> Vec<(&'static str, Shape, usize, Vec<Layer>)> {
    let dense = |units| Layer::Dense(Dense { units, activation: Activation::Linear, bias: true, l2: 0.0 });
    let conv = |filters, side, stride, padding| {
        Layer::Conv(Conv {
            filters,
            kernel: [side; 2],
            stride: [stride; 2],
            padding,
            activation: Activation::Linear,
            bias: true,
            l2: 0.0,
        })
    };
    let function = |function| Layer::Activation(Elementwise { function });
    let cell = |cell, reset| {
        Layer::Recurrent(Recurrent {
            cell,
            units: 32,
            layers: 1,
            bidirectional: false,
            output: Output::Last,
            reset,
            implementation: Implementation::Fused,
            l2: 0.0,
        })
    };
    let flatten = || Layer::Flatten(Flatten {});
    let vector = |features| Shape::Vector { features };
    let image = |channels, side| Shape::Image { channels, height: side, width: side };
    let sequence = Shape::Sequence { steps: 8, features: 28 };
    let window = Window { size: [2; 2], stride: [2; 2] };
    let same = Padding::Same;
    vec![
        ("linear", vector(784), 64, vec![dense(128)]),
        ("linear-large", vector(300), 128, vec![dense(200)]),
        ("linear-small", vector(32), 7, vec![dense(10)]),
        ("cross-entropy", vector(20), 1000, vec![dense(10)]),
        ("relu", vector(30), 64, vec![dense(40), function(Activation::Relu)]),
        ("sigmoid", vector(30), 64, vec![dense(40), function(Activation::Sigmoid)]),
        ("tanh", vector(30), 64, vec![dense(40), function(Activation::Tanh)]),
        ("dropout", vector(30), 64, vec![dense(40), Layer::Dropout(Dropout { rate: 0.5 })]),
        ("conv", image(1, 14), 20, vec![conv(32, 3, 1, same), flatten()]),
        (
            "conv-deep",
            image(64, 14),
            2,
            vec![conv(64, 3, 1, same), conv(40, 3, 1, Padding::Valid), flatten()],
        ),
        (
            "conv-stride-2",
            image(8, 14),
            20,
            vec![conv(16, 5, 2, Padding::Valid), conv(8, 3, 1, same), flatten()],
        ),
        (
            "batch-norm",
            image(3, 12),
            16,
            vec![conv(8, 3, 1, same), Layer::BatchNorm(BatchNorm { momentum: 0.1, eps: 1e-5 }), flatten()],
        ),
        (
            "batch-norm-steps",
            sequence,
            40,
            vec![dense(12), Layer::BatchNorm(BatchNorm { momentum: 0.1, eps: 1e-5 })],
        ),
        ("layer-norm", sequence, 40, vec![dense(12), Layer::LayerNorm(LayerNorm { eps: 1e-5 })]),
        ("max-pool", image(3, 12), 16, vec![conv(8, 3, 1, same), Layer::MaxPool(MaxPool(window)), flatten()]),
        ("avg-pool", image(3, 12), 16, vec![conv(8, 3, 1, same), Layer::AvgPool(AvgPool(window)), flatten()]),
        (
            "global-avg-pool",
            image(3, 12),
            16,
            vec![conv(8, 3, 1, same), Layer::GlobalAvgPool(GlobalAvgPool {})],
        ),
        ("rnn-tanh", sequence, 64, vec![cell(RecurrentCell::RnnTanh, Reset::After)]),
        ("rnn-relu", sequence, 64, vec![cell(RecurrentCell::RnnRelu, Reset::After)]),
        ("lstm", sequence, 64, vec![cell(RecurrentCell::Lstm, Reset::After)]),
        ("gru-reset-after", sequence, 64, vec![cell(RecurrentCell::Gru, Reset::After)]),
        ("gru-reset-before", sequence, 64, vec![cell(RecurrentCell::Gru, Reset::Before)]),
    ]
}

/// Returns the digest of a step's loss, gradients and running statistics.
fn network(input: Shape, batch: usize, layers: &[Layer]) -> Result<String, Error> {
    let convention = Convention::Torch;
    let mut builder = Builder::new(convention, 1, Kind::Float, Device::Cpu);
    let mut shape = input;
    for (index, layer) in layers.iter().enumerate() {
        layer.build(&index.to_string(), shape, &mut builder)?;
        let rows = layer.plan(Place { index, kind: layer.word(), input: shape, convention })?;
        shape = rows.last().map_or(shape, |row| row.output);
    }
    let classes = u64::from(shape.features()).min(10) as u16;
    let labels: Vec<u16> = (0..batch as u16).map(|sample| sample % classes).collect();
    let index: Vec<u32> = (0..batch as u32).collect();
    let mut values = drawn(&[batch as i64 * input.values() as i64], Device::Cpu, 0)?.f_detach()?;
    let mut network = PlannedNetwork::<f32>::new(layers, convention, input, batch);
    let lengths = builder.parameters.iter().map(|parameter| parameter.tensor.numel());
    let mut gradients = KeptGradients::new(lengths);
    let Builder { parameters, buffers, .. } = &mut builder;
    let mut borrowed = borrowed_parts(parameters, buffers)?;
    let mut set = SampleSet { values: numbers(&mut values)?, labels: &labels };
    let score = network.train(&mut set, &index, 1, &mut borrowed, &mut gradients);
    let mut whole = Sha256::new().chain_update(score.loss.to_le_bytes());
    for value in
        gradients.values.iter().flatten().chain(borrowed.buffers.iter().flat_map(|buffer| buffer.iter()))
    {
        whole.update(value.to_le_bytes());
    }
    Ok(digest::short(&whole.finalize().into()))
}

/// Returns the digest of a weight after three steps.
fn optimizer(rule: recipe::Optimizer) -> Result<String, Error> {
    let mut tensor = drawn(&[N], Device::Cpu, 0)?.f_detach()?;
    let parameters = [Parameter { name: String::new(), tensor: tensor.shallow_clone(), l2: 0.01 }];
    let mut optimizer = StatefulOptimizer::new(rule, Convention::Torch, 0.0, &parameters)?;
    for number in 1..=3 {
        let mut gradient: Tensor = drawn(&[N], Device::Cpu, number)?.f_detach()?;
        let (step, mut state) = optimizer.planned(rule.lr());
        let mut slots = state.slots()?;
        let mut slots: Vec<&mut [f32]> = slots.iter_mut().flatten().map(|slot| &mut **slot).collect();
        step.apply(numbers(&mut tensor)?, numbers(&mut gradient)?, &mut slots, 0.02);
    }
    digest_of([&tensor])
}
