//! The numerics class: which machines give the same bits, found by asking small kernels.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use tch::{Device, Kind, Tensor};

use super::digest;
use super::error::Error;
use super::kernel::{Kernels, N, digest_of, drawn, outputs};
use super::layers::Parameter;
use super::optimizer::StatefulOptimizer;
use super::samples::cross_entropy;
use super::{layers, optimizers, planned_probe, shim};
use crate::recipe::{self, Convention, Numerics, kernel_of_libtorch};

/// Runs a fixed set of kernels, forward and backward, on fixed inputs: the class, and the digest of each kernel's outputs.
/// Kernels are named after the operation, and `libtorch-` before it where libtorch computes it. With portable numerics on
/// the CPU the planned step's are there, too, and the class is a digest of these; else it is one of all.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn run(
    device: Device,
    threads: u32,
    numerics: Numerics,
) -> Result<(String, BTreeMap<String, String>), Error> {
    // Trials that libtorch computes are native ones, whatever the others are.
    shim::configure(threads, Numerics::Native)?;
    shim::seed(1)?;
    let mut digests = BTreeMap::new();
    for (name, kernel) in layers::KERNELS.iter().chain([&COMMON]).copied().flatten() {
        digests.insert(kernel_of_libtorch(name), kernel(device)?);
    }
    for rule in optimizers::PROBED {
        digests.insert(kernel_of_libtorch(rule.word()), optimizer(device, *rule)?);
    }
    if device != Device::Cpu || numerics != Numerics::Portable {
        return Ok((class(&digests), digests));
    }
    shim::configure(threads, numerics)?;
    let planned = planned_probe::run(optimizers::PROBED)?;
    let class = class(&planned);
    digests.extend(planned);
    Ok((class, digests))
}

fn class(digests: &BTreeMap<String, String>) -> String {
    let line = |hasher: Sha256, (name, digest)| hasher.chain_update(format!("{name}={digest}\n"));
    digest::short(&digests.iter().fold(Sha256::new(), line).finalize().into())
}

/// What every training is made of, whatever its layers.
const COMMON: Kernels = &[
    ("add-mul", |d| {
        outputs(&[drawn(&[N], d, 0)?, drawn(&[N], d, 1)?], |x| Ok(x[0].f_addcmul(&x[1], &x[1])?))
    }),
    ("cross-entropy", |d| {
        let labels = Tensor::f_arange(1000, (Kind::Int64, d))?.f_remainder(10)?;
        outputs(&[drawn(&[1000, 10], d, 0)?], |x| cross_entropy(&x[0], &labels))
    }),
    ("index-select", |d| {
        let index = Tensor::f_arange(100, (Kind::Int64, d))?.f_flip([0])?;
        outputs(&[drawn(&[100, 784], d, 0)?], |x| Ok(x[0].f_index_select(0, &index)?))
    }),
    ("sum", |d| outputs(&[drawn(&[100, 1000], d, 0)?], |x| Ok(x[0].f_sum(None)?))),
    ("sum-columns", |d| {
        outputs(&[drawn(&[1000, 100], d, 0)?], |x| Ok(x[0].f_sum_dim_intlist(0, false, None)?))
    }),
];

/// A weight after three steps.
fn optimizer(device: Device, rule: recipe::Optimizer) -> Result<String, Error> {
    let tensor = drawn(&[N], device, 0)?;
    let parameters = [Parameter { name: String::new(), tensor: tensor.shallow_clone(), l2: 0.01 }];
    let mut optimizer = StatefulOptimizer::new(rule, Convention::Torch, 0.0, &parameters)?;
    for step in 1..=3 {
        optimizer.apply(&[drawn(&[N], device, step)?.f_detach()?], rule.lr())?;
    }
    digest_of([&tensor])
}
