//! What a trial left.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::format::Format;
use crate::event::{Epoch, Finished, Started};
use crate::metrics::TrialResults;
use crate::recipe::Trial;

/// How a trial ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It was trained for all its epochs.
    Completed,
    /// Early, by the rule of the case.
    StoppedEarly,
    /// With a loss of training, validation or test that is not finite, or such weights.
    Diverged,
    /// The device or the host ran out of memory.
    OutOfMemory,
    /// The worker reported an error or died.
    Failed,
}

impl Status {
    /// Returns whether the trial yields a result to compare.
    pub fn is_success(self) -> bool {
        matches!(self, Status::Completed | Status::StoppedEarly)
    }
}

/// What a trial left. On disk it ends in the digest of its own content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrialRecord {
    /// The version of this file.
    pub format: Format,
    /// What was trained, and its identity.
    pub trial: Trial,
    /// So many trials ran side by side at most.
    pub jobs: u32,
    /// How the trial ended.
    pub status: Status,
    /// Why it failed, if it did.
    pub error: Option<String>,
    /// What was known before the first step; `None` where it failed before.
    pub started: Option<Started>,
    /// All epochs that were finished.
    pub epochs: Vec<Epoch>,
    /// The end; `None` where it failed.
    pub finished: Option<Finished>,
    /// The machine and software.
    pub fingerprint: Fingerprint,
    /// When it began, in UTC.
    pub began: jiff::Timestamp,
}

impl TrialRecord {
    /// Returns whether training came to an end of its own, be it that it diverged, so that there is nothing
    /// to go on with. A trial that failed may go on from its checkpoint.
    pub fn has_ended(&self) -> bool {
        self.finished.is_some()
    }

    /// Returns what the trial left, as metrics see it.
    pub fn results(&self) -> TrialResults<'_> {
        TrialResults {
            trial: &self.trial,
            started: self.started.as_ref(),
            epochs: &self.epochs,
            finished: self.finished.as_ref(),
        }
    }
}
