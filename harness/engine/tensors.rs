//! Named tensors as a safetensors file.

use std::collections::BTreeMap;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use tch::{Kind, Tensor};

use super::digest::OnHost;
use super::error::Error;

/// Tensors by their names in a file.
pub type Tensors = BTreeMap<String, Tensor>;

/// How the name of a tensor of the best epoch begins.
pub const BEST: &str = "best/";

/// Returns a safetensors file of these, in memory.
///
/// # Errors
/// Returns an error if the tensors cannot be written so.
pub fn serialize<'a>(tensors: impl Iterator<Item = (String, &'a Tensor)>) -> Result<Vec<u8>, Error> {
    let held: Vec<(String, Dtype, Vec<usize>, OnHost)> = tensors
        .map(|(name, tensor)| {
            let dtype = match tensor.f_kind()? {
                Kind::Float => Dtype::F32,
                Kind::Double => Dtype::F64,
                kind => {
                    return Err(Error::System(format!("{name} is of kind {kind:?}, which cannot be kept")));
                }
            };
            let shape = tensor.size().iter().map(|&side| side as usize).collect();
            Ok((name, dtype, shape, OnHost::new(tensor)?))
        })
        .collect::<Result<_, _>>()?;
    let system = |error: safetensors::SafeTensorError| {
        Error::System(format!("tensors cannot be put together: {error}"))
    };
    let views: Vec<(&str, TensorView)> = held
        .iter()
        .map(|(name, dtype, shape, host)| {
            Ok((name.as_str(), TensorView::new(*dtype, shape.clone(), host.bytes()?).map_err(system)?))
        })
        .collect::<Result<_, Error>>()?;
    safetensors::serialize(views, None).map_err(system)
}

/// Returns the tensors of a safetensors file.
///
/// # Errors
/// What is no such file, or holds other kinds than single and double precision.
pub fn deserialize(content: &[u8]) -> Result<Tensors, Error> {
    let file = SafeTensors::deserialize(content).map_err(|error| Error::System(error.to_string()))?;
    file.iter()
        .map(|(name, view)| {
            let kind = match view.dtype() {
                Dtype::F32 => Kind::Float,
                Dtype::F64 => Kind::Double,
                dtype => return Err(Error::System(format!("{name} is of kind {dtype:?}"))),
            };
            let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
            Ok((name.to_owned(), Tensor::f_from_data_size(view.data(), &shape, kind)?))
        })
        .collect()
}

/// Puts saved values into a tensor of the same shape.
///
/// # Errors
/// Returns an error if the shapes differ or libtorch refuses.
pub fn overwrite(tensor: &Tensor, saved: &Tensor) -> Result<(), Error> {
    let _no_grad = tch::no_grad_guard();
    if tensor.size() != saved.size() {
        let message = format!("a saved tensor has shape {:?}, not {:?}", saved.size(), tensor.size());
        return Err(Error::System(message));
    }
    Ok(tensor.shallow_clone().f_copy_(saved)?)
}

#[cfg(test)]
mod tests {
    use super::super::digest::tensor as digest;
    use super::*;

    #[test]
    fn tensors_read_back_bit_for_bit() {
        let odd = Tensor::from_slice(&[f32::NAN, -0.0, f32::INFINITY, 1e-42, 1.5, 2.0]).reshape([2, 3]);
        let double = Tensor::from_slice(&[std::f64::consts::PI]);
        let tensors = [("a".to_owned(), &odd), ("b/c".to_owned(), &double)];
        let back = deserialize(&serialize(tensors.clone().into_iter()).unwrap()).unwrap();
        for (name, tensor) in tensors {
            assert_eq!(digest(tensor).unwrap(), digest(&back[&name]).unwrap());
        }
    }
}
