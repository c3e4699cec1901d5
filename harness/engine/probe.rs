//! The numerics class: which machines give the same bits, found by asking small kernels.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use tch::{Device, Kind, Tensor};

use super::digest;
use super::error::Error;
use super::init::Initializer;
use super::model::Parameter;
use super::optimizer::Optimizer;
use super::recurrent::{Form, Recurrent};
use super::samples::cross_entropy;
use super::shim;
use crate::recipe as case;
use crate::recipe::{Cell, Convention, Implementation, Output, Reset};
use crate::rng::{Purpose, Stream};

/// Runs a fixed set of kernels, forward and backward, on fixed inputs: the class (a digest of all)
/// and the digest of each kernel's outputs. Kernels are named after the operation.
pub fn run(device: Device) -> Result<(String, BTreeMap<String, String>), Error> {
    shim::seed(1)?;
    let kernels: BTreeMap<String, String> = KERNELS
        .iter()
        .map(|(name, kernel)| Ok(((*name).to_owned(), kernel(device)?)))
        .collect::<Result<_, Error>>()?;
    let whole = kernels
        .iter()
        .fold(Sha256::new(), |hasher, (name, digest)| hasher.chain_update(format!("{name}={digest}\n")));
    Ok((digest::short(&whole.finalize().into()), kernels))
}

type Kernel = fn(Device) -> Result<String, Error>;

/// What models are made of, in shapes like theirs, some large enough for threads to share.
const KERNELS: [(&str, Kernel); 27] = [
    ("adam", |d| optimizer(d, case::Optimizer::Adam { lr: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 })),
    ("add-mul", |d| {
        outputs(&[drawn(&[N], d, 0)?, drawn(&[N], d, 1)?], |x| Ok(x[0].f_addcmul(&x[1], &x[1])?))
    }),
    ("avg-pool", |d| {
        outputs(&[drawn(&[16, 8, 28, 28], d, 0)?], |x| {
            Ok(x[0].f_avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None::<i64>)?)
        })
    }),
    ("batch-norm", |d| batch_norm(d, &[16, 8, 28, 28])),
    ("batch-norm-steps", |d| batch_norm(d, &[64, 32, 28])),
    ("conv", |d| conv(d, 20, [32, 1, 3, 3], 1)),
    ("conv-deep", |d| conv(d, 2, [64, 64, 3, 3], 1)),
    ("conv-stride-2", |d| conv(d, 20, [16, 8, 5, 5], 2)),
    ("cross-entropy", |d| {
        let labels = Tensor::f_arange(1000, (Kind::Int64, d))?.f_remainder(10)?;
        outputs(&[drawn(&[1000, 10], d, 0)?], |x| cross_entropy(&x[0], &labels))
    }),
    ("dropout", |d| outputs(&[drawn(&[N], d, 0)?], |x| Ok(x[0].f_dropout(0.5, true)?))),
    ("gru-reset-after", |d| cell(d, Cell::Gru, Reset::After)),
    ("gru-reset-before", |d| cell(d, Cell::Gru, Reset::Before)),
    ("index-select", |d| {
        let index = Tensor::f_arange(100, (Kind::Int64, d))?.f_flip([0])?;
        outputs(&[drawn(&[100, 784], d, 0)?], |x| Ok(x[0].f_index_select(0, &index)?))
    }),
    ("linear", |d| linear(d, 64, 784, 128)),
    ("linear-large", |d| linear(d, 128, 300, 200)),
    ("linear-small", |d| linear(d, 7, 32, 10)),
    ("lstm", |d| cell(d, Cell::Lstm, Reset::After)),
    ("max-pool", |d| {
        outputs(&[drawn(&[16, 8, 28, 28], d, 0)?], |x| {
            Ok(x[0].f_max_pool2d([2, 2], [2, 2], [0, 0], [1, 1], false)?)
        })
    }),
    ("relu", |d| outputs(&[drawn(&[N], d, 0)?], |x| Ok(x[0].f_relu()?))),
    ("rmsprop", |d| optimizer(d, case::Optimizer::Rmsprop { lr: 1e-3, alpha: 0.99, eps: 1e-8 })),
    ("rnn-relu", |d| cell(d, Cell::RnnRelu, Reset::After)),
    ("rnn-tanh", |d| cell(d, Cell::RnnTanh, Reset::After)),
    ("sgd", |d| optimizer(d, case::Optimizer::Sgd { lr: 1e-2, momentum: 0.9, nesterov: true })),
    ("sigmoid", |d| outputs(&[drawn(&[N], d, 0)?], |x| Ok(x[0].f_sigmoid()?))),
    ("sum", |d| outputs(&[drawn(&[100, 1000], d, 0)?], |x| Ok(x[0].f_sum(None)?))),
    ("sum-columns", |d| {
        outputs(&[drawn(&[1000, 100], d, 0)?], |x| Ok(x[0].f_sum_dim_intlist(0, false, None)?))
    }),
    ("tanh", |d| outputs(&[drawn(&[N], d, 0)?], |x| Ok(x[0].f_tanh()?))),
];

/// Elements of a tensor that libtorch gives to several threads.
const N: i64 = 40_000;

/// Fixed values, about normal, requiring gradients.
fn drawn(shape: &[i64], device: Device, item: u64) -> Result<Tensor, Error> {
    let mut stream = Stream::new(0, Purpose::Probe, 0).item(item);
    let n: i64 = shape.iter().product();
    let values: Vec<f32> = (0..n).map(|_| stream.normal() as f32).collect();
    Ok(Tensor::f_from_slice(&values)?.f_reshape(shape)?.f_to_device(device)?.f_set_requires_grad(true)?)
}

/// The digest of a kernel's output and of all its gradients.
fn outputs(inputs: &[Tensor], kernel: impl Fn(&[Tensor]) -> Result<Tensor, Error>) -> Result<String, Error> {
    let output = kernel(inputs)?;
    let loss = output.f_square()?.f_mean(None)?;
    let mut all = Tensor::f_run_backward(&[&loss], inputs, false, false)?;
    all.push(output);
    digest_of(&all)
}

fn digest_of<'a>(tensors: impl IntoIterator<Item = &'a Tensor>) -> Result<String, Error> {
    let mut whole = Sha256::new();
    for tensor in tensors {
        whole.update(digest::tensor(tensor)?);
    }
    Ok(digest::short(&whole.finalize().into()))
}

fn linear(device: Device, batch: i64, features: i64, units: i64) -> Result<String, Error> {
    let inputs = [
        drawn(&[batch, features], device, 0)?,
        drawn(&[units, features], device, 1)?,
        drawn(&[units], device, 2)?,
    ];
    outputs(&inputs, |x| Ok(x[0].f_linear(&x[1], Some(&x[2]))?))
}

fn conv(device: Device, batch: i64, kernel: [i64; 4], stride: i64) -> Result<String, Error> {
    let [filters, channels, size, _] = kernel;
    let inputs = [
        drawn(&[batch, channels, 14, 14], device, 0)?,
        drawn(&kernel, device, 1)?,
        drawn(&[filters], device, 2)?,
    ];
    let padding = [size / 2; 2];
    outputs(&inputs, |x| Ok(x[0].f_conv2d(&x[1], Some(&x[2]), [stride; 2], padding, [1, 1], 1)?))
}

/// Over axis 1 of `shape`.
fn batch_norm<const RANK: usize>(device: Device, shape: &[i64; RANK]) -> Result<String, Error> {
    let features = shape[1];
    let inputs = [drawn(shape, device, 0)?, drawn(&[features], device, 1)?, drawn(&[features], device, 2)?];
    let none = None::<&Tensor>;
    outputs(&inputs, |x| {
        Ok(x[0].f_batch_norm(Some(&x[1]), Some(&x[2]), none, none, true, 0.1, 1e-5, true)?)
    })
}

/// A recurrent layer as a model has it, its weights' gradients included.
fn cell(device: Device, cell: Cell, reset: Reset) -> Result<String, Error> {
    let form = Form {
        cell,
        inputs: 28,
        units: 32,
        layers: 1,
        bidirectional: false,
        output: Output::Last,
        reset,
        implementation: Implementation::Fused,
        l2: 0.0,
    };
    let mut parameters = Vec::new();
    let mut init = Initializer::new(1, Kind::Float, device);
    let layer = Recurrent::new(&form, Convention::Torch, 0, &mut init, &mut parameters)?;
    let mut inputs = vec![drawn(&[64, 8, 28], device, 0)?];
    inputs.extend(parameters.into_iter().map(|parameter| parameter.tensor));
    outputs(&inputs, |x| layer.forward(&x[0]))
}

/// A weight after three steps.
fn optimizer(device: Device, rule: case::Optimizer) -> Result<String, Error> {
    let tensor = drawn(&[N], device, 0)?;
    let parameters = [Parameter { name: String::new(), tensor: tensor.shallow_clone(), l2: 0.01 }];
    let mut optimizer = Optimizer::new(rule, 0.0, &parameters)?;
    for step in 1..=3 {
        optimizer.apply(&[drawn(&[N], device, step)?.f_detach()?], rule.lr())?;
    }
    digest_of([&tensor])
}
