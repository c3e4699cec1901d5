//! How a case is trained.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::optimizers::Optimizer;
use super::schedules::Schedule;

/// A training has at most so many epochs.
pub const MOST_EPOCHS: u32 = 1_000_000;

/// How a case is trained. The loss is softmax cross-entropy; the last, smaller batch is kept; the
/// order of the samples is drawn anew in every epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// At most so many passes over the training samples.
    pub epochs: u32,
    /// The number of samples in a step, at least 1.
    pub batch: u32,
    /// The rule of a step.
    pub optimizer: Optimizer,
    /// How the learning rate changes.
    pub schedule: Schedule,
    /// PyTorch's weight decay w on every parameter: w * theta is added to the gradient.
    pub weight_decay: f64,
    /// The largest norm of all gradients together, an L2 penalty's included; longer ones are scaled down to it before
    /// the optimizer sees them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient_clip: Option<f64>,
    /// When to stop before `epochs`.
    pub early_stopping: Option<EarlyStopping>,
}

/// Stop after `patience` epochs without a better value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    /// The number of epochs to wait, at least 1.
    pub patience: u32,
    /// The value that is watched.
    pub monitor: Monitor,
    /// Put the best epoch's weights back at the end.
    pub restore_best: bool,
}

/// A validation value that is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Monitor {
    /// The validation loss, of which a smaller one is better.
    ValidationLoss,
    /// The validation accuracy, of which a larger one is better.
    ValidationAccuracy,
}
