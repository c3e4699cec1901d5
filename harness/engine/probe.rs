//! The numerics class: which machines give the same bits, found by asking small kernels.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use tch::{Device, Kind, Tensor};

use super::digest;
use super::error::Error;
use crate::rng::{Purpose, Stream};

/// Runs a fixed set of kernels, forward and backward, on fixed inputs: the class (a digest of all)
/// and the digest of each kernel's outputs. Kernels are named after the operation.
pub fn run(device: Device) -> Result<(String, BTreeMap<String, String>), Error> {
    tch::manual_seed(1);
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

const KERNELS: [(&str, Kernel); 12] = [
    ("add-mul", |d| {
        outputs(&[drawn(&[1000], d, 0)?, drawn(&[1000], d, 1)?], |x| x[0].f_addcmul(&x[1], &x[1]))
    }),
    ("batch-norm", |d| {
        outputs(&[drawn(&[16, 8, 6, 6], d, 0)?, drawn(&[8], d, 1)?, drawn(&[8], d, 2)?], |x| {
            let none = None::<&Tensor>;
            x[0].f_batch_norm(Some(&x[1]), Some(&x[2]), none, none, true, 0.1, 1e-5, true)
        })
    }),
    ("conv-1", |d| conv(d, 1, 32)),
    ("conv-64", |d| conv(d, 64, 64)),
    ("dropout", |d| outputs(&[drawn(&[5000], d, 0)?], |x| x[0].f_dropout(0.5, true))),
    ("gru", |d| recurrent(d, 3, |x, h, w| Ok(x.f_gru(h, w, true, 1, 0.0, true, false, true)?.0))),
    ("lstm", |d| {
        recurrent(d, 4, |x, h, w| {
            Ok(x.f_lstm(&[h.shallow_clone(), h.shallow_clone()], w, true, 1, 0.0, true, false, true)?.0)
        })
    }),
    ("matmul", |d| {
        outputs(&[drawn(&[100, 784], d, 0)?, drawn(&[784, 128], d, 1)?], |x| x[0].f_matmul(&x[1]))
    }),
    ("matmul-small", |d| {
        outputs(&[drawn(&[32, 10], d, 0)?, drawn(&[10, 128], d, 1)?], |x| x[0].f_matmul(&x[1]))
    }),
    ("softmax", |d| outputs(&[drawn(&[256, 10], d, 0)?], |x| x[0].f_log_softmax(-1, Kind::Float))),
    ("sum", |d| outputs(&[drawn(&[100, 1000], d, 0)?], |x| x[0].f_sum(None))),
    ("tanh-sigmoid", |d| outputs(&[drawn(&[5000], d, 0)?], |x| x[0].f_tanh()?.f_sigmoid())),
];

/// Fixed values, about normal, requiring gradients.
fn drawn(shape: &[i64], device: Device, item: u64) -> Result<Tensor, Error> {
    let mut stream = Stream::new(0, Purpose::Probe, 0).item(item);
    let n: i64 = shape.iter().product();
    let values: Vec<f32> = (0..n).map(|_| stream.normal() as f32).collect();
    Ok(Tensor::f_from_slice(&values)?.f_reshape(shape)?.f_to_device(device)?.f_set_requires_grad(true)?)
}

/// The digest of a kernel's output and of all its gradients.
fn outputs(
    inputs: &[Tensor],
    kernel: impl Fn(&[Tensor]) -> Result<Tensor, tch::TchError>,
) -> Result<String, Error> {
    let output = kernel(inputs)?;
    let loss = output.f_square()?.f_mean(None)?;
    let mut all = Tensor::f_run_backward(&[&loss], inputs, false, false)?;
    all.push(output);
    let mut whole = Sha256::new();
    for tensor in &all {
        whole.update(digest::tensor(tensor)?);
    }
    Ok(digest::short(&whole.finalize().into()))
}

fn conv(device: Device, channels: i64, filters: i64) -> Result<String, Error> {
    let inputs = [
        drawn(&[4, channels, 14, 14], device, 0)?,
        drawn(&[filters, channels, 3, 3], device, 1)?,
        drawn(&[filters], device, 2)?,
    ];
    outputs(&inputs, |x| x[0].f_conv2d(&x[1], Some(&x[2]), [1, 1], [1, 1], [1, 1], 1))
}

fn recurrent(
    device: Device,
    gates: i64,
    cell: fn(&Tensor, &Tensor, &[Tensor]) -> Result<Tensor, tch::TchError>,
) -> Result<String, Error> {
    let (units, features) = (32, 28);
    let inputs = [
        drawn(&[16, 8, features], device, 0)?,
        drawn(&[gates * units, features], device, 1)?,
        drawn(&[gates * units, units], device, 2)?,
        drawn(&[gates * units], device, 3)?,
        drawn(&[gates * units], device, 4)?,
    ];
    let zero = Tensor::f_zeros([1, 16, units], (Kind::Float, device))?;
    outputs(&inputs, |x| cell(&x[0], &zero, &x[1..]))
}
