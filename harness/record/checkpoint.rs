//! The checkpoint of a trial: what its JSON file holds, and where it is in the folder of a run. A worker writes it;
//! a run asks whose it is and whether it is whole.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::aside::set_aside;
use super::error::Error;
use super::file::{read, spare};
use super::folder::{Folder, list};
use super::format::Format;
use super::names::CHECKPOINT;
use crate::files;
use crate::recipe::Name;

/// Returns the CRC-32 of a checkpoint's tensors, in hexadecimal. They are written after every epoch, where
/// SHA-256 would cost more than all the rest.
pub fn crc32(content: &[u8]) -> String {
    format!("{:08x}", crc32fast::hash(content))
}

/// Reads a checkpoint's tensors, whose CRC-32 its JSON file states.
///
/// # Errors
/// Fails if the file cannot be read, or is not what was written.
pub fn read_tensors(path: &Path, stated: &str) -> Result<Vec<u8>, Error> {
    let content = files::read(path, files::TENSORS).map_err(Error::read(path))?;
    match crc32(&content) {
        actual if actual == stated => Ok(content),
        actual => Err(Error::Digest { path: path.to_owned(), stated: stated.to_owned(), actual }),
    }
}

/// A checkpoint's JSON file: all of a trial's state but its tensors. A worker reads its epochs; who only asks
/// whether a checkpoint is whole does not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint<E = IgnoredAny> {
    /// The version of this file.
    pub format: Format,
    /// The identity of its trial.
    pub identity: String,
    /// All epochs that are done; never empty.
    pub epochs: Vec<E>,
    /// The steps that the optimizer has taken.
    pub steps: u64,
    /// The file with the tensors, in the same folder.
    pub tensors: Name,
    /// The CRC-32 of that file, in hexadecimal. Its content is told by the epochs' trajectory, too.
    pub tensors_crc32: String,
}

impl<E> Checkpoint<E> {
    /// Returns the number of the last epoch that it holds.
    pub fn epoch(&self) -> usize {
        self.epochs.len()
    }
}

impl Folder {
    /// Returns where a trial's checkpoint is or will be, without an extension. The worker keeps
    /// `<seed>.checkpoint.json` and the file with tensors that it names, `<seed>.checkpoint-0.safetensors`
    /// or `-1`.
    pub fn checkpoint_path(&self, suite: &str, case: &str, seed: u64) -> PathBuf {
        self.record_path(suite, case, seed).with_extension("")
    }

    /// Reads a trial's checkpoint. Returns `None` if there is none.
    ///
    /// # Errors
    /// Fails if it or its tensors cannot be read or believed.
    pub fn read_checkpoint(&self, suite: &str, case: &str, seed: u64) -> Result<Option<Checkpoint>, Error> {
        let path = self.record_path(suite, case, seed).with_extension(CHECKPOINT);
        if !path.try_exists().map_err(Error::read(&path))? {
            return Ok(None);
        }
        let checkpoint: Checkpoint = read(&path)?;
        read_tensors(&path.with_file_name(checkpoint.tensors.as_str()), &checkpoint.tensors_crc32)?;
        Ok(Some(checkpoint))
    }

    /// Sets all files of a trial's checkpoint aside, and returns where they are now.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn set_checkpoint_aside(&self, suite: &str, case: &str, seed: u64) -> Result<Vec<PathBuf>, Error> {
        self.checkpoint_files(suite, case, seed)?.iter().map(|path| set_aside(path)).collect()
    }

    /// Removes all files of a trial's checkpoint.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn remove_checkpoint(&self, suite: &str, case: &str, seed: u64) -> Result<(), Error> {
        let json = self.record_path(suite, case, seed).with_extension(CHECKPOINT);
        let spare = Some(spare(&json)).filter(|spare| spare.exists());
        for path in self.checkpoint_files(suite, case, seed)?.into_iter().chain(spare) {
            fs::remove_file(&path).map_err(Error::write(&path))?;
        }
        Ok(())
    }

    /// The JSON file, then the tensors' of the last two epochs.
    fn checkpoint_files(&self, suite: &str, case: &str, seed: u64) -> Result<Vec<PathBuf>, Error> {
        let json = self.record_path(suite, case, seed).with_extension(CHECKPOINT);
        let Some(folder) = json.parent().filter(|folder| folder.exists()) else { return Ok(Vec::new()) };
        let tensors = format!("{seed}.checkpoint-");
        let is_tensors = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&tensors) && name.ends_with(".safetensors")
        };
        let mut files = list(folder)?;
        files.retain(|path| *path == json || is_tensors(path));
        files.sort_by_key(|path| *path != json);
        Ok(files)
    }
}
