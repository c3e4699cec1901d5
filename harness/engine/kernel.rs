//! Small computations of which the numerics class is made: a kernel's fixed inputs, and the digest of what it puts out.

use sha2::{Digest, Sha256};
use tch::{Device, Tensor};

use super::digest;
use super::error::Error;
use crate::rng::{Purpose, Stream};

/// Computes on a device and returns the digest of all that comes out.
pub type Kernel = fn(Device) -> Result<String, Error>;

/// Kernels by the names that records give them. A name keeps its meaning for good.
pub type Kernels = &'static [(&'static str, Kernel)];

/// Elements of a tensor that libtorch gives to several threads.
pub const N: i64 = 40_000;

/// Returns fixed values, about normal, requiring gradients.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn drawn(shape: &[i64], device: Device, item: u64) -> Result<Tensor, Error> {
    let mut stream = Stream::new(0, Purpose::Probe, 0).item(item);
    let n: i64 = shape.iter().product();
    let values: Vec<f32> = (0..n).map(|_| stream.normal() as f32).collect();
    Ok(Tensor::f_from_slice(&values)?.f_reshape(shape)?.f_to_device(device)?.f_set_requires_grad(true)?)
}

/// Returns the digest of a kernel's output and of all its gradients.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn outputs(
    inputs: &[Tensor],
    kernel: impl Fn(&[Tensor]) -> Result<Tensor, Error>,
) -> Result<String, Error> {
    let output = kernel(inputs)?;
    let loss = output.f_square()?.f_mean(None)?;
    let mut all = Tensor::f_run_backward(&[&loss], inputs, false, false)?;
    all.push(output);
    digest_of(&all)
}

/// Returns the digest of all tensors together.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn digest_of<'a>(tensors: impl IntoIterator<Item = &'a Tensor>) -> Result<String, Error> {
    let mut whole = Sha256::new();
    for tensor in tensors {
        whole.update(digest::tensor(tensor)?);
    }
    Ok(digest::short(&whole.finalize().into()))
}
