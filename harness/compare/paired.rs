//! How much slower one side of an A/B comparison is.

use crate::record::{ProcessPair, Round};
use crate::stats::{fewest, quantile, signed_rank};

/// The time of B in units of A's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedRatio {
    /// Above 1 where B is slower.
    pub ratio: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// The number of pairs of processes.
    pub pairs: usize,
}

/// What the interval says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Difference {
    /// B takes longer: the interval lies above 1.
    Slower,
    /// B takes less time: it lies below 1.
    Faster,
    /// It holds 1, and nothing beyond this fraction of A's time.
    NoneShown(f64),
}

impl PairedRatio {
    /// Returns the ratio of B's time to A's, from the ratio of each pair of processes, each the 10 % quantile of its
    /// slices; over pairs, the centre of the logarithms by [`signed_rank`]. The intervals of a family of so many cases
    /// hold the true ratios of all of them in 95 % of comparisons (Bonferroni). Returns `None` for [too
    /// few](fewest_pairs) pairs.
    pub fn of(pairs: &[ProcessPair], family: usize) -> Option<Self> {
        let logs: Vec<f64> = pairs.iter().filter_map(log_ratio).collect();
        let (centre, interval) = signed_rank(&logs, level(family))?;
        Some(PairedRatio {
            ratio: centre.exp(),
            low: interval.low.exp(),
            high: interval.high.exp(),
            pairs: logs.len(),
        })
    }

    /// Returns what the interval shows.
    pub fn difference(&self) -> Difference {
        if self.low > 1.0 {
            Difference::Slower
        } else if self.high < 1.0 {
            Difference::Faster
        } else {
            Difference::NoneShown((self.high - 1.0).max(1.0 - self.low))
        }
    }
}

/// Returns the fewest pairs that a verdict on a case takes, for a family of so many cases.
pub fn fewest_pairs(family: usize) -> usize {
    fewest(level(family))
}

fn level(family: usize) -> f64 {
    1.0 - 0.05 / family.max(1) as f64
}

/// So much of a process's slices are faster than its time. The fastest of all repeats worse, and so does the
/// median, which others on the machine lengthen.
const FASTER: f64 = 0.1;

fn log_ratio(pair: &ProcessPair) -> Option<f64> {
    let side = |is_b: bool| {
        let rounds = pair.blocks.iter().flat_map(|block| if is_b { &block.b } else { &block.a });
        let slices = rounds.flat_map(|round: &Round| &round.slices);
        quantile(&slices.map(|slice| slice.seconds / f64::from(slice.steps)).collect::<Vec<_>>(), FASTER)
    };
    Some((side(true)? / side(false)?).ln()).filter(|ratio| ratio.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Block, Slice};

    fn round(seconds: f64) -> Round {
        Round {
            steps: 1,
            samples: 32,
            seconds,
            cpu_seconds: seconds,
            device_seconds: None,
            wait_seconds: 0.0,
            slices: vec![Slice { steps: 1, seconds, calibration: 1e-3 }],
            steal: None,
            foreign: 0.0,
            load_average: 0.0,
            throttled: false,
            noisy: false,
        }
    }

    /// Pairs of one block, in which B takes as much longer.
    fn pairs(factors: &[f64]) -> Vec<ProcessPair> {
        let block = |&factor: &f64| Block {
            b_outside: false,
            a: [round(1.0), round(1.0)],
            b: [round(factor), round(factor)],
        };
        factors.iter().map(|factor| ProcessPair { steady: true, blocks: vec![block(factor)] }).collect()
    }

    #[test]
    fn a_ratio_by_hand() {
        // Of six pairs at 95 % the interval is their range, the centre the median of all pairwise means.
        let factors = [-0.01f64, 0.0, 0.01, 0.02, 0.03, 0.04].map(f64::exp);
        let ratio = PairedRatio::of(&pairs(&factors), 1).unwrap();
        assert!((ratio.ratio.ln() - 0.015).abs() < 1e-12);
        assert!((ratio.low.ln() + 0.01).abs() < 1e-12 && (ratio.high.ln() - 0.04).abs() < 1e-12);
        let Difference::NoneShown(most) = ratio.difference() else { panic!("{ratio:?}") };
        assert!((most - 0.0408108).abs() < 1e-6, "{most}");
    }

    #[test]
    fn the_time_of_a_process_is_the_tenth_percentile_of_its_slices() {
        let mut pair = pairs(&[1.0]).remove(0);
        // Ten more of B's, of which nine are disturbed: 12 in all, position 1.1 of 1, 1, 1.1, 2, 2, ...
        let slice = |seconds| Slice { steps: 1, seconds, calibration: 1e-3 };
        pair.blocks[0].b[0].slices.extend([2.0; 9].map(slice));
        pair.blocks[0].b[1].slices.push(slice(1.1));
        assert!((log_ratio(&pair).unwrap() - 1.01f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn an_interval_beside_one_is_a_difference() {
        let differs = |factor: f64, family| {
            let factors: Vec<f64> = (0..fewest_pairs(family)).map(|i| factor + 1e-4 * i as f64).collect();
            PairedRatio::of(&pairs(&factors), family).unwrap().difference()
        };
        for family in [1, 12] {
            assert_eq!(differs(1.02, family), Difference::Slower);
            assert_eq!(differs(0.98, family), Difference::Faster);
            assert!(matches!(differs(0.9999, family), Difference::NoneShown(_)));
        }
        assert_eq!((fewest_pairs(1), fewest_pairs(12)), (6, 9));
        assert_eq!(PairedRatio::of(&pairs(&[1.02; 5]), 1), None);
        assert_eq!(PairedRatio::of(&pairs(&[1.02; 8]), 12), None);
    }
}
