//! Copies trials from other runs' folders, byte by byte.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use super::error::Error;
use super::file::{make_folder, parent, temporary};
use super::folder::Folder;
use super::run::TrialKey;
use crate::files;

impl Folder {
    /// Copies the records of trials, each from the folder beside it, with their events and kept weights, over what is here.
    /// All that is new is on the disk before a file gets its name, and each trial's record gets it last: whatever ends the
    /// process, a record that is here is whole, and so are the weights beside it.
    ///
    /// # Errors
    /// Fails if a record cannot be read, or if the folder cannot be written.
    pub fn copy_trials(&self, trials: &[(&Folder, &TrialKey)]) -> Result<(), Error> {
        let mut files = Vec::new();
        for (from, TrialKey { suite, case, seed, .. }) in trials {
            let beside = [
                (from.events_path(suite, case, *seed), self.events_path(suite, case, *seed)),
                (from.weights_path(suite, case, *seed), self.weights_path(suite, case, *seed)),
            ];
            files.extend(beside.into_iter().filter(|(source, _)| source.exists()));
            files.push((from.record_path(suite, case, *seed), self.record_path(suite, case, *seed)));
        }
        self.copy(files)
    }

    /// Copies what is kept of trials on changed test images, each from the folder beside it, over what is here.
    ///
    /// # Errors
    /// Fails if a file cannot be read, or if the folder cannot be written.
    pub fn copy_robustness(&self, trials: &[(&Folder, &TrialKey)]) -> Result<(), Error> {
        let path = |folder: &Folder, key: &TrialKey| folder.robustness_path(&key.suite, &key.case, key.seed);
        self.copy(trials.iter().map(|(from, key)| (path(from, key), path(self, key))).collect())
    }

    /// Copies each file to the path beside it. They get their names in this order, once all that is new is on the disk.
    fn copy(&self, files: Vec<(PathBuf, PathBuf)>) -> Result<(), Error> {
        if files.is_empty() {
            return Ok(());
        }
        let staged: Result<Vec<_>, Error> =
            files.into_iter().map(|(source, target)| stage(&source, target)).collect();
        let staged = staged?;
        self.sync_all()?;
        for (temporary, path) in staged {
            temporary.persist(&path).map_err(|error| Error::write(&path)(error.error))?;
        }
        self.sync_all()
    }

    /// Has everything that was written to the folder's file system outlast a power failure, all files at once.
    fn sync_all(&self) -> Result<(), Error> {
        let failed = Error::write(self.path());
        let folder = match File::open(self.path()) {
            Ok(folder) => folder,
            Err(error) => return Err(failed(error)),
        };
        rustix::fs::syncfs(&folder).map_err(|errno| failed(errno.into()))
    }
}

/// Copies a file to a temporary one beside where it is to be.
fn stage(source: &Path, target: PathBuf) -> Result<(TempPath, PathBuf), Error> {
    let mut content = files::open(source).map_err(Error::read(source))?;
    let mut copy = || -> io::Result<TempPath> {
        make_folder(parent(&target))?;
        let mut file = temporary(parent(&target))?;
        io::copy(&mut content, file.as_file_mut())?;
        Ok(file.into_temp_path())
    };
    let copied = copy().map_err(Error::write(&target))?;
    Ok((copied, target))
}
