//! `plateau-epoch`: the first epoch whose validation accuracy is at most 0.005 below the best; later ones level out.

use super::{Better, Metric, TrialResults, Unit};

pub(super) const METRIC: Metric =
    Metric::new("plateau-epoch", "plateau epoch", Unit::Epochs, Better::Lower, plateau_epoch).of_validation();

/// How far below the best validation accuracy an epoch is still on the plateau.
const PLATEAU: f64 = 0.005;

fn plateau_epoch(results: &TrialResults<'_>) -> Option<f64> {
    let best = results.validated().map(|(_, accuracy)| accuracy).reduce(f64::max)?;
    results.first_at(best - PLATEAU).map(|epoch| epoch.epoch.into())
}
