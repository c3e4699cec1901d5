//! Digests of tensors, and of a training's trajectory.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use tch::{Kind, Tensor};

use super::error::Error;
use crate::recipe::hex;

/// Digits of a tensor's digest that a record keeps.
const SHOWN: usize = 16;

/// A tensor on the host, in one piece.
pub struct OnHost(Tensor);

impl OnHost {
    /// Returns the tensor itself where it is there already, else a copy.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn new(tensor: &Tensor) -> Result<Self, Error> {
        Ok(OnHost(tensor.f_detach()?.f_to_device(tch::Device::Cpu)?.f_contiguous()?))
    }

    /// Returns its values, in the machine's order of bytes.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn bytes(&self) -> Result<&[u8], Error> {
        let length = self.0.numel() * self.0.f_kind()?.elt_size_in_bytes();
        if length == 0 {
            return Ok(&[]);
        }
        // SAFETY: a contiguous tensor on the host holds so many bytes there, for as long as `self.0`
        // does; nothing writes to them while the trainer that owns them is borrowed.
        Ok(unsafe { std::slice::from_raw_parts(self.0.data_ptr().cast::<u8>(), length) })
    }

    /// Returns its values as 32-bit floats.
    ///
    /// # Errors
    /// Returns an error if they are of another kind.
    pub fn floats(&self) -> Result<&[f32], Error> {
        let kind = self.0.f_kind()?;
        let floats = if kind == Kind::Float { bytemuck::try_cast_slice(self.bytes()?).ok() } else { None };
        floats.ok_or_else(|| Error::System(format!("a tensor holds {kind:?}, and not 32-bit floats")))
    }
}

/// Returns the SHA-256 of one tensor's kind, shape and bytes.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn tensor(tensor: &Tensor) -> Result<[u8; 32], Error> {
    let head = format!("{:?}{:?}\0", tensor.f_kind()?, tensor.size());
    Ok(Sha256::new().chain_update(head).chain_update(OnHost::new(tensor)?.bytes()?).finalize().into())
}

/// Returns the first digits of a digest, for people and for records.
pub fn short(digest: &[u8; 32]) -> String {
    hex(&digest[..SHOWN / 2])
}

/// Returns the SHA-256, in hexadecimal, of named tensors.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn all<'a>(tensors: impl Iterator<Item = (&'a str, &'a Tensor)>) -> Result<String, Error> {
    let mut whole = Sha256::new();
    for (name, value) in tensors {
        whole.update(format!("{name}\0"));
        whole.update(tensor(value)?);
    }
    Ok(hex(&whole.finalize()))
}

/// The state after an epoch.
pub struct State {
    /// SHA-256, in hexadecimal, of the state before (its trajectory), the steps and all tensors.
    pub trajectory: String,
    /// The first digits of each tensor's digest, by name.
    pub tensors: BTreeMap<String, String>,
}

/// Digests the named tensors after `steps` steps, chained to the trajectory before.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn state<'a>(
    before: &str,
    steps: u64,
    named: impl Iterator<Item = (String, &'a Tensor)>,
) -> Result<State, Error> {
    let mut whole = Sha256::new().chain_update(before).chain_update(steps.to_le_bytes());
    let mut tensors = BTreeMap::new();
    for (name, value) in named {
        let digest = tensor(value)?;
        whole.update(format!("{name}\0"));
        whole.update(digest);
        tensors.insert(name, short(&digest));
    }
    Ok(State { trajectory: hex(&whole.finalize()), tensors })
}
