//! What this machine's measurements are worth.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::baseline::Throughput;
use super::error::Error;
use super::file::{read, write_compact};
use super::fingerprint::Fingerprint;
use super::format::Format;
use super::measurement::Method;
use crate::recipe::Trial;

/// A machine measured against itself: `calibration/<first 12 digits of the fingerprint's digest>.json`
/// below the results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The version of this file.
    pub format: Format,
    /// The machine and software.
    pub fingerprint: Fingerprint,
    /// When it began, in UTC.
    pub began: jiff::Timestamp,
    /// Wall time of all measurements, in seconds.
    pub seconds: f64,
    /// The noise floor of the noisiest case, in parts of the time. Verdicts take each case's own from `cases`,
    /// as they do of the files of versions that had one floor for all.
    pub noise_floor: f64,
    /// Busy work put in after every step of every second measurement, as a fraction of a step.
    pub slowdown: f64,
    /// The samples of every case.
    pub cases: Vec<CalibratedCase>,
}

/// A case, measured several times in turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibratedCase {
    /// The trial whose steps were timed.
    pub trial: Trial,
    /// As it is, in the order of time.
    pub plain: Vec<Throughput>,
    /// With the slowdown; each after the plain one of the same index.
    pub slowed: Vec<Throughput>,
}

impl Calibration {
    /// Returns where the calibration of a machine is or will be, below the results folder.
    pub fn path(results: &Path, fingerprint: &Fingerprint) -> PathBuf {
        let digest = fingerprint.digest();
        results.join("calibration").join(format!("{}.json", digest.get(..12).unwrap_or(&digest)))
    }

    /// Reads the calibration of a machine. Returns `None` if it was not calibrated.
    ///
    /// # Errors
    /// Fails if the file cannot be read or believed.
    pub fn find(results: &Path, fingerprint: &Fingerprint) -> Result<Option<Self>, Error> {
        match read(&Calibration::path(results, fingerprint)) {
            Ok(calibration) => Ok(Some(calibration)),
            Err(error) if error.is_absence() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns whether it was measured by this method, in whatever order.
    pub fn is_of(&self, method: Method) -> bool {
        let measured = self.cases.iter().flat_map(|case| &case.plain);
        measured.into_iter().all(|one| Method { seed: method.seed, ..one.method } == method)
    }

    /// Writes it to its place, and returns where that is.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn write(&self, results: &Path) -> Result<PathBuf, Error> {
        let path = Calibration::path(results, &self.fingerprint);
        write_compact(&path, self)?;
        Ok(path)
    }
}
