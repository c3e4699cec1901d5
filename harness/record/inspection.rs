//! What was found by looking into trained networks, kept below `inspect` in its run's folder.

use std::path::{Path, PathBuf, absolute};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::file::{read, write_compact};
use super::folder::{Folder, list};
use super::format::Format;
use super::names::INSPECT;
use crate::valid::{Valid, Validate};

/// What was found, and how. `F` is known to those who draw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inspection<F> {
    /// The version of this file.
    pub format: Format,
    /// The command and its arguments.
    pub invocation: Vec<String>,
    /// What was found, as those who draw it know it.
    pub found: F,
}

impl<F: Validate> Validate for Inspection<F> {
    fn validate(&self) -> Valid {
        self.found.validate().map_err(|why| why.inside("found"))
    }
}

impl Folder {
    /// Returns the folder of the run that a record at this path is of.
    ///
    /// # Errors
    /// Fails if the record does not lie in the folder of a run.
    pub fn around(record: &Path) -> Result<Self, Error> {
        // RUN/trials/SUITE/CASE/SEED.json
        let run = |path: &Path| {
            let run = path.ancestors().nth(4).filter(|run| !run.as_os_str().is_empty());
            run.map(Path::to_owned)
        };
        // From within the run's folder the path may be too short.
        let run = match run(record) {
            Some(run) => Some(run),
            None => run(&absolute(record).map_err(Error::read(record))?),
        };
        Folder::open(&run.unwrap_or_else(|| record.to_owned()))
    }

    /// Returns where what was found is or will be, by the name it is kept under.
    pub fn inspection_path(&self, name: &str) -> PathBuf {
        self.path().join(INSPECT).join(format!("{name}.json"))
    }

    /// Writes what was found to its place.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn write_inspection<F: Serialize>(&self, name: &str, found: &Inspection<F>) -> Result<(), Error> {
        write_compact(&self.inspection_path(name), found)
    }

    /// Returns all that are kept, each with its name, in the order of names, and why some cannot be read.
    pub fn read_inspections<F: DeserializeOwned + Validate>(
        &self,
    ) -> (Vec<(String, Inspection<F>)>, Vec<Error>) {
        let folder = self.path().join(INSPECT);
        let mut files = match folder.exists().then(|| list(&folder)).transpose() {
            Ok(files) => files.unwrap_or_default(),
            Err(error) => return (Vec::new(), vec![error]),
        };
        files.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        let mut all = Vec::new();
        let mut errors = Vec::new();
        for path in files {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            match read(&path) {
                Ok(found) => all.push((name, found)),
                Err(error) => errors.push(error),
            }
        }
        (all, errors)
    }
}
