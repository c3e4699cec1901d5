//! What the seeds of a case say on both sides.

use super::figures::{AccuracyFigures, Means};
use super::seeds::ended_well;
use crate::compare::Terms;
use crate::record::SeedResult;
use crate::stats::Summary;

/// A value for each seed and metric such that more is better: accuracy, and loss with its sign turned. A seed that
/// failed is the worst there is: negative infinity.
#[derive(Debug)]
pub(in crate::compare) struct Samples {
    pub(super) old: [Vec<f64>; 2],
    pub(super) new: [Vec<f64>; 2],
    /// Whether both sides have the same seeds, in the same order.
    pub(super) paired: bool,
}

impl Samples {
    /// Of seeds that all left a record. Returns `None` if no seed of the baseline ended well, or one of either side did
    /// that was not scored, as nothing was held out: then there is nothing to compare.
    pub(super) fn of(old: &[SeedResult], new: &[SeedResult]) -> Option<Self> {
        let values = |seeds: &[SeedResult]| -> Option<[Vec<f64>; 2]> {
            let one = |seed: &SeedResult| match ended_well(seed) {
                true => seed.accuracy.zip(seed.loss).map(|(accuracy, loss)| (accuracy, -loss)),
                false => Some((f64::NEG_INFINITY, f64::NEG_INFINITY)),
            };
            let (accuracies, losses) = seeds.iter().map(one).collect::<Option<Vec<_>>>()?.into_iter().unzip();
            Some([accuracies, losses])
        };
        let numbers = |seeds: &[SeedResult]| seeds.iter().map(|seed| seed.seed).collect::<Vec<_>>();
        let samples = Samples { old: values(old)?, new: values(new)?, paired: numbers(old) == numbers(new) };
        (samples.well().0 > 0).then_some(samples)
    }

    /// How many seeds of each side there are.
    pub(super) fn seeds(&self) -> (usize, usize) {
        let ([old, _], [new, _]) = (&self.old, &self.new);
        (old.len(), new.len())
    }

    /// How many seeds of each side ended well.
    pub(super) fn well(&self) -> (usize, usize) {
        let count = |values: &[f64]| values.iter().filter(|value| value.is_finite()).count();
        let ([old, _], [new, _]) = (&self.old, &self.new);
        (count(old), count(new))
    }

    /// What is told of both sides: means over the seeds that ended well.
    pub(super) fn figures(&self, newly_failed: usize) -> AccuracyFigures {
        let of = |side: &[Vec<f64>; 2]| {
            let [accuracy, loss] = side;
            Some(Means { accuracy: mean(accuracy)?, loss: -mean(loss)? })
        };
        let (seeds, well) = (self.seeds(), self.well());
        AccuracyFigures {
            seeds,
            failed: (seeds.0 - well.0, seeds.1 - well.1),
            newly_failed,
            old: of(&self.old),
            new: of(&self.new),
            paired: false,
            p_beyond_margin: None,
            p_worse: None,
            p_better: None,
        }
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

/// The values of seeds that ended well.
pub(super) fn well(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| value.is_finite()).collect()
}

fn mean(values: &[f64]) -> Option<f64> {
    Summary::of(&well(values)).map(|summary| summary.mean)
}
