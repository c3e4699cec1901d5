//! What this machine's measurements are worth.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::file::read;
use super::fingerprint::Fingerprint;
use super::format::Format;

/// How far two measurements of one program lie apart on a machine, found by measuring it against
/// itself: `calibration/<first 12 digits of the fingerprint's digest>.json` below the results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Of this file.
    pub format: Format,
    /// The machine and software.
    pub fingerprint: Fingerprint,
    /// The smallest relative change of a time that chance does not show.
    pub noise_floor: f64,
}

impl Calibration {
    /// Where the calibration of a machine is or will be, below the results folder.
    pub fn path(results: &Path, fingerprint: &Fingerprint) -> PathBuf {
        let digest = fingerprint.digest();
        results.join("calibration").join(format!("{}.json", digest.get(..12).unwrap_or(&digest)))
    }

    /// The calibration of a machine; none where it was not calibrated.
    pub fn find(results: &Path, fingerprint: &Fingerprint) -> Result<Option<Self>, Error> {
        match read(&Calibration::path(results, fingerprint)) {
            Ok(calibration) => Ok(Some(calibration)),
            Err(error) if error.is_absence() => Ok(None),
            Err(error) => Err(error),
        }
    }
}
