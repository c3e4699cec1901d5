//! The weights that a trial left, kept beside its record.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::Error;
use super::folder::Folder;
use super::trial::TrialRecord;

/// Which weights of a trial, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum WeightsChoice {
    /// After the epoch with the best monitored value
    Best,
    /// Those that were tested: the last epoch's, or the best one's where the case restores it
    Tested,
    /// Before the first step
    Initial,
}

impl std::fmt::Display for WeightsChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            WeightsChoice::Best => "best",
            WeightsChoice::Tested => "tested",
            WeightsChoice::Initial => "initial",
        })
    }
}

/// Which weights of a trial, and where those that were trained are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "which", rename_all = "kebab-case")]
pub enum Weights {
    /// Drawn from the trial's seed.
    Initial,
    /// The weights that were tested, from a file.
    Tested(KeptWeights),
    /// The weights of the best epoch, from a file.
    Best(KeptWeights),
}

impl Weights {
    /// Returns the weights of the trial whose record was read from `path`.
    ///
    /// # Errors
    /// Fails if trained ones are asked for and none were kept.
    pub fn of(record: &TrialRecord, path: &Path, which: WeightsChoice) -> Result<Self, Error> {
        Ok(match which {
            WeightsChoice::Initial => Weights::Initial,
            WeightsChoice::Tested => Weights::Tested(KeptWeights::beside(record, path)?),
            WeightsChoice::Best => Weights::Best(KeptWeights::beside(record, path)?),
        })
    }
}

/// A file of kept weights, and what must be in it by the trial's record.
///
/// It is a safetensors file: the weights and buffers that were tested under their own names and,
/// where the best epoch's are others, those with `best/` before them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptWeights {
    /// The path of `<seed>.weights.safetensors`.
    pub path: PathBuf,
    /// SHA-256 of the weights and buffers that were tested, as [`Finished::weights`].
    ///
    /// [`Finished::weights`]: crate::event::Finished::weights
    pub tested: String,
    /// Where the best epoch's are others: the first digits of each tensor's digest, as
    /// [`Epoch::tensors`].
    ///
    /// [`Epoch::tensors`]: crate::event::Epoch::tensors
    pub best: Option<BTreeMap<String, String>>,
}

impl KeptWeights {
    /// Those beside the record that was read from `path`.
    fn beside(record: &TrialRecord, path: &Path) -> Result<Self, Error> {
        let path = path.with_extension(WEIGHTS);
        let Some(finished) = record.finished.as_ref().filter(|_| record.status.is_success()) else {
            return Err(Error::NoResult { path, trial: record.trial.name() });
        };
        if !path.try_exists().map_err(Error::read(&path))? {
            return Err(Error::NoWeights { path });
        }
        let last = record.epochs.last().map(|epoch| epoch.epoch);
        let best = finished.best_epoch.filter(|best| !finished.restored_best && Some(*best) != last);
        let best = best.and_then(|best| record.epochs.iter().find(|epoch| epoch.epoch == best));
        Ok(KeptWeights {
            path,
            tested: finished.weights.clone(),
            best: best.map(|epoch| epoch.tensors.clone()),
        })
    }
}

impl Folder {
    /// Returns where a trial's weights are or will be, if they are kept.
    pub fn weights_path(&self, suite: &str, case: &str, seed: u64) -> PathBuf {
        self.record_path(suite, case, seed).with_extension(WEIGHTS)
    }
}

const WEIGHTS: &str = "weights.safetensors";
