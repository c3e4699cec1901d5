//! How much slower one side of an A/B comparison is.

use crate::record::{Pair, Round};
use crate::stats::{Summary, location, student_quantile};

/// The time of B in units of A's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedRatio {
    /// Above 1 where B is slower.
    pub ratio: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// Pairs of processes.
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
    /// Of a pair of processes the ratio of B's fastest slice to A's; over pairs, the mean of the logarithms
    /// with Student's interval. Those of a family of so many cases hold the true ratios of all of them in
    /// 95 % of comparisons (Bonferroni). None of fewer than two pairs.
    pub fn of(pairs: &[Pair], family: usize) -> Option<Self> {
        let logs: Vec<f64> = pairs.iter().filter_map(log_ratio).collect();
        let Summary { count, mean, deviation, .. } = Summary::of(&logs)?;
        let level = 1.0 - 0.025 / family.max(1) as f64;
        let half = student_quantile(level, count as f64 - 1.0) * deviation? / (count as f64).sqrt();
        Some(PairedRatio {
            ratio: mean.exp(),
            low: (mean - half).exp(),
            high: (mean + half).exp(),
            pairs: count,
        })
    }

    /// What it shows.
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

/// From the fastest slice of each side.
fn log_ratio(pair: &Pair) -> Option<f64> {
    let side = |is_b: bool| {
        let rounds = pair.blocks.iter().flat_map(|block| if is_b { &block.b } else { &block.a });
        location(&rounds.map(Round::fastest_step).collect::<Vec<_>>())
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
    fn pairs(factors: &[f64]) -> Vec<Pair> {
        let block = |&factor: &f64| Block {
            b_outside: false,
            a: [round(1.0), round(1.1)],
            b: [round(1.5 * factor), round(factor)],
        };
        factors.iter().map(|factor| Pair { steady: true, blocks: vec![block(factor)] }).collect()
    }

    #[test]
    fn a_ratio_by_hand() {
        // Logs 0.01, 0.02, 0.03: mean 0.02, s = 0.01, t(2) = 4.302653, half 0.0248414.
        let factors = [0.01f64, 0.02, 0.03].map(f64::exp);
        let ratio = PairedRatio::of(&pairs(&factors), 1).unwrap();
        assert!((ratio.ratio.ln() - 0.02).abs() < 1e-12);
        assert!((ratio.low.ln() + 0.0048414).abs() < 1e-6 && (ratio.high.ln() - 0.0448414).abs() < 1e-6);
        let Difference::NoneShown(most) = ratio.difference() else { panic!("{ratio:?}") };
        assert!((most - 0.0458620).abs() < 1e-6, "{most}");
    }

    #[test]
    fn an_interval_beside_one_is_a_difference() {
        let differs = |factors, family| PairedRatio::of(&pairs(factors), family).unwrap().difference();
        assert_eq!(differs(&[1.02, 1.021, 1.019], 1), Difference::Slower);
        assert_eq!(differs(&[0.98, 0.981, 0.979], 1), Difference::Faster);
        assert!(matches!(differs(&[1.02, 1.021, 1.005], 1000), Difference::NoneShown(_)));
        assert_eq!(PairedRatio::of(&pairs(&[1.02]), 1), None);
    }
}
