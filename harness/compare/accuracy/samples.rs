//! The metrics of two sides over their seeds.

use super::AccuracyFigures;
use crate::compare::Terms;
use crate::record::SeedResult;
use crate::stats::Summary;

/// The metrics of two sides over their seeds, such that more is better.
#[derive(Debug)]
pub(in crate::compare) struct Samples {
    pub(super) old: [Vec<f64>; 2],
    pub(super) new: [Vec<f64>; 2],
}

impl Samples {
    pub(super) fn figures(&self) -> Option<AccuracyFigures> {
        let mean = |values: &Vec<f64>| Summary::of(values).map(|summary| summary.mean);
        let ([old_accuracy, old_loss], [new_accuracy, new_loss]) = (&self.old, &self.new);
        Some(AccuracyFigures {
            seeds: (old_accuracy.len(), new_accuracy.len()),
            accuracy: (mean(old_accuracy)?, mean(new_accuracy)?),
            loss: (-mean(old_loss)?, -mean(new_loss)?),
            p_beyond_margin: None,
            p_worse: None,
            p_better: None,
        })
    }

    /// The baseline's values, worse by the margin.
    pub(super) fn at_margin(&self, terms: &Terms) -> [Vec<f64>; 2] {
        let [accuracy, loss] = &self.old;
        [
            accuracy.iter().map(|value| value - terms.accuracy_margin).collect(),
            loss.iter().map(|value| value * (1.0 + terms.loss_margin)).collect(),
        ]
    }
}

pub(super) fn metrics(seeds: &[SeedResult]) -> [Vec<f64>; 2] {
    let scored = || seeds.iter().filter_map(|seed| seed.accuracy.zip(seed.loss));
    [scored().map(|(accuracy, _)| accuracy).collect(), scored().map(|(_, loss)| -loss).collect()]
}
