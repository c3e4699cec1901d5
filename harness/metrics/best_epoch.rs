//! `best-epoch`: the epoch with the smallest validation loss; later ones over-fit.

use super::{Better, Metric, TrialResults, Unit};

pub(super) const METRIC: Metric =
    Metric::new("best-epoch", "best epoch", Unit::Epochs, Better::Lower, best_epoch).of_validation();

fn best_epoch(results: &TrialResults<'_>) -> Option<f64> {
    let losses = results.epochs.iter().filter_map(|epoch| Some((epoch.epoch, epoch.validation?.loss)));
    losses.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(epoch, _)| epoch.into())
}
