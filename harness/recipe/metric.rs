//! Values that a trial yields.

use serde::{Deserialize, Serialize};

/// A value that a trial yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Fraction right over a training epoch, as it was trained.
    TrainAccuracy,
    /// Mean loss over a training epoch, as it was trained.
    TrainLoss,
    /// Fraction right on the validation samples after an epoch.
    ValidationAccuracy,
    /// Mean loss on the validation samples after an epoch.
    ValidationLoss,
    /// Fraction right on the validation samples after the last epoch.
    FinalValidationAccuracy,
    /// The epoch with the smallest validation loss: later ones over-fit.
    BestEpoch,
    /// The first epoch whose validation accuracy is at most 0.005 below the best: later ones level out.
    PlateauEpoch,
    /// Fraction right on the test samples at the end.
    TestAccuracy,
    /// Mean loss on the test samples at the end.
    TestLoss,
}
