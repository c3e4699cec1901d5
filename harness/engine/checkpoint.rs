//! Checkpoints: all that a trial needs to go on from an epoch as if it had never stopped.
//!
//! A small JSON file names a safetensors file and its CRC-32. There are two of those, written in turn,
//! in place: the one that the JSON file names stays whole until the JSON file, renamed into place,
//! names the other. New files would cost several times as much.

use std::path::PathBuf;

use tch::Tensor;

use super::error::Error;
use super::tensors::{Tensors, deserialize, serialize};
use crate::event::Epoch;
use crate::recipe::NameError;
use crate::record::{self, Format};

/// All of a trial's state but its tensors.
pub type Progress = record::Checkpoint<Epoch>;

/// Where a trial's checkpoint is kept.
#[derive(Clone, Debug)]
pub struct CheckpointFiles {
    /// Folder and file name without extension: `trials/smoke/mlp/1`.
    base: PathBuf,
}

impl CheckpointFiles {
    /// Returns the checkpoint that is or will be kept at `base`, a path without extension.
    pub fn new(base: PathBuf) -> Self {
        CheckpointFiles { base }
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.base.file_name().unwrap_or_default().to_owned();
        name.push(suffix);
        self.base.with_file_name(name)
    }

    fn json(&self) -> PathBuf {
        self.beside(".checkpoint.json")
    }

    /// Keeps the state after these epochs, in place of the one before.
    ///
    /// # Errors
    /// A folder that cannot be written, a full disk: the checkpoint before stays.
    pub fn save<'a>(
        &self,
        identity: &str,
        epochs: Vec<Epoch>,
        steps: u64,
        tensors: impl Iterator<Item = (String, &'a Tensor)>,
    ) -> Result<(), Error> {
        let path = self.beside(&format!(".checkpoint-{}.safetensors", epochs.len() % 2));
        let content = serialize(tensors)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let progress = Progress {
            format: Format::CURRENT,
            identity: identity.to_owned(),
            epochs,
            steps,
            tensors: name
                .parse()
                .map_err(|wanted: NameError| Error::System(format!("{}: {wanted}", path.display())))?,
            tensors_crc32: record::crc32(&content),
        };
        record::overwrite(&path, &content)?;
        Ok(record::write_in_turn(&self.json(), &progress)?)
    }

    /// Returns the state that was kept, with its tensors by name; `None` where none was.
    ///
    /// # Errors
    /// [`Error::RefusedCheckpoint`] where the files are not what was written, or another trial's.
    pub fn load(&self, identity: &str) -> Result<Option<(Progress, Tensors)>, Error> {
        let path = self.json();
        if !path.exists() {
            return Ok(None);
        }
        let progress: Progress = record::read(&path).map_err(|error| self.refuse(error.into()))?;
        if progress.identity != identity {
            let reason = format!("its identity is {}, the trial's {identity}", progress.identity);
            return Err(Error::RefusedCheckpoint { path, reason });
        }
        let path = path.with_file_name(progress.tensors.as_str());
        let content = record::read_tensors(&path, &progress.tensors_crc32)
            .map_err(|error| self.refuse(error.into()))?;
        let tensors = deserialize(&content).map_err(|error| self.refuse(error))?;
        Ok(Some((progress, tensors)))
    }

    /// Returns `error` as a refusal of this checkpoint if its content is what is wrong, else as it is.
    pub fn refuse(&self, error: Error) -> Error {
        let is_content = match &error {
            Error::Record(error) => error.is_damage() || error.is_absence(),
            Error::System(_) => true,
            _ => false,
        };
        if is_content {
            Error::RefusedCheckpoint { path: self.json(), reason: error.to_string() }
        } else {
            error
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_kept_is_loaded_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = CheckpointFiles::new(folder.path().join("1"));
        assert!(checkpoint.load("mine").unwrap().is_none());
        let score = serde_json::json!({"loss": 1.0, "accuracy": 0.5});
        let epoch: Epoch = serde_json::from_value(serde_json::json!({
            "epoch": 1, "train": score, "validation": null, "learning_rate": 0.1, "samples": 8, "train_seconds": 1.0,
            "train_cpu_seconds": 1.0, "validation_seconds": 0.0, "trajectory": "", "tensors": {},
        }))
        .unwrap();
        let tensor = Tensor::from_slice(&[1.0f32, 2.0]);
        checkpoint.save("mine", vec![epoch], 7, [("w".to_owned(), &tensor)].into_iter()).unwrap();
        let (kept, tensors) = checkpoint.load("mine").unwrap().unwrap();
        assert_eq!((kept.steps, tensors["w"].equal(&tensor)), (7, true));
        assert!(matches!(checkpoint.load("another's"), Err(Error::RefusedCheckpoint { .. })));
        let path = folder.path().join(kept.tensors.as_str());
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(checkpoint.load("mine"), Err(Error::RefusedCheckpoint { .. })));
    }
}
