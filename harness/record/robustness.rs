//! How well a trial's weights do on changed test images, kept below `robustness` in its run's folder.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::file::{read, write_compact};
use super::fingerprint::Fingerprint;
use super::folder::Folder;
use super::format::Format;
use super::names::ROBUSTNESS;
use super::trial::TrialRecord;
use crate::event::{Score, Transformed};
use crate::recipe::Trial;
use crate::recipe::transform::Transform;

/// The scores of a trial's tested weights on changed test images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Robustness {
    /// The version of this file.
    pub format: Format,
    /// The trial whose weights were scored.
    pub trial: Trial,
    /// SHA-256 of the weights and buffers, as [`Finished::weights`](crate::event::Finished::weights).
    pub weights: String,
    /// The score on the test images as they are.
    pub test: Score,
    /// The scores by kind and strength, each once.
    pub transformed: Vec<Transformed>,
    /// The machine and software that scored.
    pub fingerprint: Fingerprint,
    /// When the first of it was scored, in UTC.
    pub began: jiff::Timestamp,
}

impl Robustness {
    /// Returns whether it is of the weights that this record tested.
    pub fn is_of(&self, record: &TrialRecord) -> bool {
        let weights = record.finished.as_ref().map(|finished| &finished.weights);
        self.trial == record.trial && weights == Some(&self.weights)
    }

    /// Returns the scores under a transform. Returns `None` if there are none.
    pub fn under(&self, transform: Transform) -> Option<&Transformed> {
        self.transformed.iter().find(|scored| scored.transform == transform)
    }

    /// Adds scores, in place of those under the same transform.
    pub fn add(&mut self, scored: Vec<Transformed>) {
        self.transformed.retain(|old| scored.iter().all(|new| new.transform != old.transform));
        self.transformed.extend(scored);
        self.transformed.sort_by(|Transformed { transform: a, .. }, Transformed { transform: b, .. }| {
            a.kind.cmp(&b.kind).then(a.strength.total_cmp(&b.strength))
        });
    }
}

impl Folder {
    /// Returns where the scores of a trial are or will be.
    pub fn robustness_path(&self, suite: &str, case: &str, seed: u64) -> PathBuf {
        self.path().join(ROBUSTNESS).join(suite).join(case).join(format!("{seed}.json"))
    }

    /// Writes the scores of a trial to their place.
    ///
    /// # Errors
    /// Fails if the folder cannot be written.
    pub fn write_robustness(&self, robustness: &Robustness) -> Result<(), Error> {
        let Trial { suite, case, seed, .. } = &robustness.trial;
        write_compact(&self.robustness_path(suite, case, *seed), robustness)
    }

    /// Reads the scores that are kept of a trial. Returns `None` if there are none.
    ///
    /// # Errors
    /// Fails if the file cannot be read or believed.
    pub fn read_robustness(&self, suite: &str, case: &str, seed: u64) -> Result<Option<Robustness>, Error> {
        match self.read_kept(&self.robustness_path(suite, case, seed)) {
            Ok(robustness) => Ok(Some(robustness)),
            Err(error) if error.is_absence() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns all scores that are kept, ordered by suite, case and seed, and why some cannot be read.
    pub fn read_all_robustness(&self) -> (Vec<Robustness>, Vec<Error>) {
        let (mut all, errors) = self.read_all(ROBUSTNESS, Folder::read_kept);
        all.sort_by(|a, b| a.trial.order().cmp(&b.trial.order()));
        (all, errors)
    }

    fn read_kept(&self, path: &Path) -> Result<Robustness, Error> {
        let robustness: Robustness = read(path)?;
        let Trial { suite, case, seed, .. } = &robustness.trial;
        if self.robustness_path(suite, case, *seed) != path {
            return Err(Error::Misplaced { path: path.to_owned(), holds: robustness.trial.name() });
        }
        Ok(robustness)
    }
}
