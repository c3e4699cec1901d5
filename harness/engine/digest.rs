//! Digests of tensors, and of a training's trajectory.

use sha2::{Digest, Sha256};
use tch::{Kind, Tensor};

use super::error::Error;
use super::model::Model;
use super::optimizer::Optimizer;
use crate::suite::hex;

/// Feeds a tensor's name, kind, shape and bytes.
fn feed(hasher: &mut Sha256, name: &str, tensor: &Tensor) -> Result<(), Error> {
    let kind = tensor.f_kind()?;
    hasher.update(format!("{name}\0{kind:?}{:?}\0", tensor.size()));
    hasher.update(bytes(tensor, kind)?);
    Ok(())
}

fn bytes(tensor: &Tensor, kind: Kind) -> Result<Vec<u8>, Error> {
    let host = tensor.f_detach()?.f_to_device(tch::Device::Cpu)?.f_contiguous()?;
    let mut bytes = vec![0; host.numel() * kind.elt_size_in_bytes()];
    host.f_copy_data_u8(&mut bytes, host.numel())?;
    Ok(bytes)
}

/// SHA-256 of one tensor, in hexadecimal.
pub fn tensor(name: &str, value: &Tensor) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    feed(&mut hasher, name, value)?;
    Ok(hex(&hasher.finalize()))
}

fn feed_model(hasher: &mut Sha256, model: &Model) -> Result<(), Error> {
    for parameter in &model.parameters {
        feed(hasher, &parameter.name, &parameter.tensor)?;
    }
    for (name, buffer) in &model.buffers {
        feed(hasher, name, buffer)?;
    }
    Ok(())
}

/// SHA-256 of all weights and buffers.
pub fn weights(model: &Model) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    feed_model(&mut hasher, model)?;
    Ok(hex(&hasher.finalize()))
}

/// SHA-256 of all weights, buffers and optimiser state, chained to the epoch before.
pub fn trajectory(before: &str, model: &Model, optimizer: &Optimizer) -> Result<String, Error> {
    let mut hasher = Sha256::new();
    hasher.update(before);
    feed_model(&mut hasher, model)?;
    let (steps, state) = optimizer.state();
    hasher.update(steps.to_le_bytes());
    for (i, tensor) in state.enumerate() {
        feed(&mut hasher, &format!("state.{i}"), tensor)?;
    }
    Ok(hex(&hasher.finalize()))
}
