//! The lock of a folder that one process at a time writes to.

use std::fs::{File, TryLockError};
use std::path::Path;

use super::error::Error;
use super::file::make_folder;
use super::names::LOCK;
use crate::files;

/// While it lives, no other process writes to the folder. It ends with the process, however that
/// ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Locks this folder, which is created if it is missing.
    ///
    /// # Errors
    /// Fails at once if another process holds the lock, or if the folder cannot be written.
    pub fn take(folder: &Path) -> Result<Self, Error> {
        can_be_told(folder)?;
        make_folder(folder).map_err(Error::write(folder))?;
        let path = folder.join(LOCK);
        let file = files::open_to_write(&path).map_err(Error::write(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { file }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked { path: folder.to_owned() }),
            Err(TryLockError::Error(error)) => Err(Error::write(&path)(error)),
        }
    }
}

impl Drop for Lock {
    /// Closing the file is not enough: a process that is just being started holds a copy until it is.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Checks that the path of a folder is UTF-8: workers are told of files below it in JSON.
///
/// # Errors
/// Fails if it is not.
pub(super) fn can_be_told(folder: &Path) -> Result<(), Error> {
    match folder.to_str() {
        Some(_) => Ok(()),
        None => Err(Error::NotUtf8 { path: folder.to_owned() }),
    }
}
