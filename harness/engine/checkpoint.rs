//! Checkpoints: all that a trial needs to go on from an epoch as if it had never stopped.
//!
//! A small JSON file names a safetensors file and its SHA-256. The JSON is written last and renamed
//! into place, so that it always names a whole file; the tensors of the epoch before are removed
//! after that.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tch::{Kind, Tensor};

use super::digest;
use super::error::Error;
use super::watch::{LearningRate, Watch};
use crate::event::Epoch;
use crate::record::{self, Format};
use crate::suite::hex;

/// All of a trial's state but its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Of this file.
    pub format: Format,
    /// Of the trial.
    pub identity: String,
    /// All epochs that are done; never empty.
    pub epochs: Vec<Epoch>,
    /// Steps of the optimiser.
    pub steps: u64,
    /// The schedule's state.
    pub learning_rate: LearningRate,
    /// Early stopping's state.
    pub watch: Watch,
    /// The file with the tensors, in the same folder.
    pub tensors: String,
    /// Its SHA-256.
    pub tensors_digest: String,
}

/// Tensors by name.
pub type Tensors = BTreeMap<String, Tensor>;

/// Where a trial's checkpoint is kept.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// Folder and file name without extension: `trials/smoke/mlp/1`.
    base: PathBuf,
}

impl Checkpoint {
    /// Kept at `base`, a path without extension.
    pub fn new(base: PathBuf) -> Self {
        Checkpoint { base }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.base.file_name().unwrap_or_default().to_owned();
        name.push(suffix);
        self.base.with_file_name(name)
    }

    fn json(&self) -> PathBuf {
        self.beside(".checkpoint.json")
    }

    /// Keeps this state, in place of the one before. `progress` lacks only what names the tensors.
    ///
    /// # Errors
    /// A folder that cannot be written, a full disk: the checkpoint before stays.
    pub fn save<'a>(
        &self,
        mut progress: Progress,
        tensors: impl Iterator<Item = (String, &'a Tensor)>,
    ) -> Result<(), Error> {
        let epoch = progress.epochs.len();
        let path = self.beside(&format!(".checkpoint-{epoch}.safetensors"));
        let content = serialize(tensors)?;
        progress.tensors = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        progress.tensors_digest = hex(&Sha256::digest(&content));
        record::write_bytes_unsynced(&path, &content)?;
        record::write_unsynced(&self.json(), &progress)?;
        if epoch > 1 {
            let before = self.beside(&format!(".checkpoint-{}.safetensors", epoch - 1));
            // What is left behind is never read.
            let _ = fs::remove_file(before);
        }
        Ok(())
    }

    /// The state that was kept, with its tensors by name; none where none was.
    ///
    /// # Errors
    /// Files that are not what was written, or another trial's.
    pub fn load(&self, identity: &str) -> Result<Option<(Progress, Tensors)>, Error> {
        let path = self.json();
        if !path.exists() {
            return Ok(None);
        }
        let progress: Progress = record::read(&path)?;
        if progress.identity != identity {
            let found = progress.identity;
            return Err(Error::OtherCheckpoint { path, found, wanted: identity.to_owned() });
        }
        let path = path.with_file_name(&progress.tensors);
        let broken = |reason: String| Error::BrokenCheckpoint { path: path.clone(), reason };
        let content = fs::read(&path).map_err(|error| broken(error.to_string()))?;
        let digest = hex(&Sha256::digest(&content));
        if digest != progress.tensors_digest {
            let stated = &progress.tensors_digest;
            return Err(broken(format!("its SHA-256 is {digest}, not {stated} as its .json says")));
        }
        let tensors = deserialize(&content).map_err(|error| broken(error.to_string()))?;
        Ok(Some((progress, tensors)))
    }
}

fn serialize<'a>(tensors: impl Iterator<Item = (String, &'a Tensor)>) -> Result<Vec<u8>, Error> {
    let held: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = tensors
        .map(|(name, tensor)| {
            let dtype = match tensor.f_kind()? {
                Kind::Float => Dtype::F32,
                Kind::Double => Dtype::F64,
                kind => {
                    return Err(Error::System(format!("a checkpoint cannot hold {name} of kind {kind:?}")));
                }
            };
            let shape = tensor.size().iter().map(|&side| side as usize).collect();
            Ok((name, dtype, shape, digest::bytes(tensor)?))
        })
        .collect::<Result<_, _>>()?;
    let system = |error: safetensors::SafeTensorError| {
        Error::System(format!("a checkpoint cannot be put together: {error}"))
    };
    let views: Vec<(&str, TensorView)> = held
        .iter()
        .map(|(name, dtype, shape, bytes)| {
            Ok((name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).map_err(system)?))
        })
        .collect::<Result<_, Error>>()?;
    safetensors::serialize(views, None).map_err(system)
}

fn deserialize(content: &[u8]) -> Result<Tensors, Error> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tensors_read_back_bit_for_bit() {
        let odd = Tensor::from_slice(&[f32::NAN, -0.0, f32::INFINITY, 1e-42, 1.5, 2.0]).reshape([2, 3]);
        let double = Tensor::from_slice(&[std::f64::consts::PI]);
        let tensors = [("a".to_owned(), &odd), ("b/c".to_owned(), &double)];
        let back = deserialize(&serialize(tensors.clone().into_iter()).unwrap()).unwrap();
        for (name, tensor) in tensors {
            assert_eq!(digest::tensor(tensor).unwrap(), digest::tensor(&back[&name]).unwrap());
        }
    }
}
