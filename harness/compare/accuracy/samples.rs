//! What the seeds of a case say on both sides.

use super::figures::{AccuracyFigures, Means};
use super::seeds::ended_well;
use crate::metrics::Better;
use crate::record::SeedResult;
use crate::stats::Summary;
use crate::suite::gate::Gate;

/// Values of `N` metrics with every seed of two sides, such that more is better: accuracy, and loss with its sign turned. A
/// seed that failed is the worst there is: negative infinity.
#[derive(Debug)]
pub(in crate::compare) struct SeedValues<const N: usize> {
    /// The names of the metrics.
    pub(super) names: [String; N],
    pub(super) margins: [Margin; N],
    pub(super) old: [Vec<f64>; N],
    pub(super) new: [Vec<f64>; N],
    /// Whether both sides have the same seeds, in the same order.
    pub(super) paired: bool,
}

/// By how much a value may be worse.
#[derive(Clone, Copy, Debug)]
pub(super) enum Margin {
    /// By less than this.
    Shift(f64),
    /// By less than this part of the baseline's.
    Part(f64),
}

impl SeedValues<2> {
    /// Returns the accuracy and loss of seeds that all left a record. Returns `None` if no seed of the baseline ended
    /// well, or one of either side did that was not scored, as nothing was held out: then there is nothing to compare.
    pub(super) fn of(old: &[SeedResult], new: &[SeedResult], margins: [f64; 2]) -> Option<Self> {
        let [accuracy, loss] = margins;
        let samples = SeedValues {
            names: ["accuracy".to_owned(), "loss".to_owned()],
            margins: [Margin::Shift(accuracy), Margin::Part(loss)],
            old: values(old, |seed| Some([seed.accuracy?, -seed.loss?]))?,
            new: values(new, |seed| Some([seed.accuracy?, -seed.loss?]))?,
            paired: numbers(old) == numbers(new),
        };
        (samples.well().0 > 0).then_some(samples)
    }

    /// Returns what is told of both sides: means over the seeds that ended well.
    pub(super) fn figures(&self, newly_failed: usize) -> AccuracyFigures {
        let of = |side: &[Vec<f64>; 2]| {
            let [accuracy, loss] = side;
            Some(Means { accuracy: mean(accuracy)?, loss: -mean(loss)? })
        };
        let seeds = self.seeds();
        let well = self.well();
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
}

impl SeedValues<1> {
    /// Returns the metric of a gate, for seeds that all left a record. Returns `None` if a seed that ended well has no
    /// value of it.
    pub(super) fn of_gate(old: &[SeedResult], new: &[SeedResult], gate: &Gate) -> Option<Self> {
        let word = gate.metric.word();
        let value = |seed: &SeedResult| {
            let value = *seed.metrics.get(&word)?;
            Some([value.map_or(f64::NEG_INFINITY, |value| sign(gate) * value)])
        };
        Some(SeedValues {
            names: [word.clone()],
            margins: [Margin::Shift(gate.margin)],
            old: values(old, value)?,
            new: values(new, value)?,
            paired: numbers(old) == numbers(new),
        })
    }
}

/// Returns what a value is multiplied by so that more is better.
pub(super) fn sign(gate: &Gate) -> f64 {
    match gate.metric.better() {
        Better::Higher => 1.0,
        Better::Lower => -1.0,
    }
}

/// The values of each metric. Returns `None` if a seed that ended well has none.
fn values<const N: usize>(
    seeds: &[SeedResult],
    of: impl Fn(&SeedResult) -> Option<[f64; N]>,
) -> Option<[Vec<f64>; N]> {
    let one = |seed: &SeedResult| if ended_well(seed) { of(seed) } else { Some([f64::NEG_INFINITY; N]) };
    let rows: Vec<[f64; N]> = seeds.iter().map(one).collect::<Option<_>>()?;
    Some(std::array::from_fn(|metric| rows.iter().map(|row| row[metric]).collect()))
}

fn numbers(seeds: &[SeedResult]) -> Vec<u64> {
    seeds.iter().map(|seed| seed.seed).collect()
}

impl<const N: usize> SeedValues<N> {
    /// Returns how many seeds of each side there are.
    pub(super) fn seeds(&self) -> (usize, usize) {
        let count = |side: &[Vec<f64>; N]| side.first().map_or(0, Vec::len);
        (count(&self.old), count(&self.new))
    }

    /// Returns how many seeds of each side ended well.
    pub(super) fn well(&self) -> (usize, usize) {
        let count = |side: &[Vec<f64>; N]| side.first().map_or(0, |values| well(values).len());
        (count(&self.old), count(&self.new))
    }

    /// Returns the baseline's values, worse by the margin.
    pub(super) fn at_margin(&self) -> [Vec<f64>; N] {
        std::array::from_fn(|metric| {
            let worse = |value: &f64| match self.margins[metric] {
                Margin::Shift(margin) => value - margin,
                Margin::Part(part) => value * (1.0 + part),
            };
            self.old[metric].iter().map(worse).collect()
        })
    }
}

/// Returns the values of seeds that ended well.
pub(super) fn well(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| value.is_finite()).collect()
}

pub(super) fn mean(values: &[f64]) -> Option<f64> {
    Summary::of(&well(values)).map(|summary| summary.mean)
}
