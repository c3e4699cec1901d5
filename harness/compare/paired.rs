//! How much slower one side of an A/B comparison is.

use crate::record::{Block, Pair, Round, quiet_below};
use crate::stats::{Summary, mean_interval, median};
use crate::suite::Environment;

/// The time of B in units of A's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// Above 1 where B is slower.
    pub ratio: f64,
    /// The lower end of its 95 % interval.
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

impl Ratio {
    /// Of a pair of processes the ratio of the medians of B's and of A's slices in which the machine was
    /// left to them; where there are few, the median over blocks of (b1 + b2) / (a1 + a2), in
    /// [`Round::own_seconds`] where both sides compute on one thread of the host, else in wall time. Over
    /// pairs, the mean of the logarithms with Student's 95 % interval. None of fewer than two pairs.
    pub fn of(pairs: &[Pair], a: &Environment, b: &Environment) -> Option<Ratio> {
        let of_pair = |pair: &Pair| quiet(pair).or_else(|| of_blocks(pair, [a, b]));
        let logs: Vec<f64> = pairs.iter().filter_map(of_pair).collect();
        let summary = Summary::of(&logs)?;
        let interval = mean_interval(&summary)?;
        Some(Ratio {
            ratio: summary.mean.exp(),
            low: interval.low.exp(),
            high: interval.high.exp(),
            pairs: summary.count,
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

/// So many slices of each side must have been left alone.
const FEWEST_QUIET: usize = 8;

/// From the slices in which the machine was left to a side; none where there are few.
fn quiet(pair: &Pair) -> Option<f64> {
    let side = |is_b: bool| pair.blocks.iter().flat_map(move |block| if is_b { &block.b } else { &block.a });
    let most = quiet_below(side(false).chain(side(true)));
    let step = |is_b: bool| {
        let slices = side(is_b).flat_map(|round| round.quiet(most));
        let steps: Vec<f64> = slices.map(|slice| slice.seconds / f64::from(slice.steps)).collect();
        median(&steps).filter(|_| steps.len() >= FEWEST_QUIET)
    };
    Some((step(true)? / step(false)?).ln())
}

/// From whole rounds: the median over blocks.
fn of_blocks(pair: &Pair, [a, b]: [&Environment; 2]) -> Option<f64> {
    // One side's waiting must not count while the other's does not.
    let alike = if a.is_one_thread() { [b, b] } else { [a, a] };
    median(&pair.blocks.iter().map(|block| log_ratio(block, alike)).collect::<Vec<_>>())
}

fn log_ratio(block: &Block, environments: [&Environment; 2]) -> f64 {
    let [a, b] = environments;
    let both = |rounds: &[Round; 2], environment| {
        rounds.iter().map(|round| round.own_seconds(environment)).sum::<f64>()
    };
    (both(&block.b, b) / both(&block.a, a)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::{Device, Numerics};

    const ALONE: Environment = Environment { device: Device::Cpu, threads: 1, numerics: Numerics::Native };
    const TWO: Environment = Environment { threads: 2, ..ALONE };

    fn round(seconds: f64, wait_seconds: f64) -> Round {
        Round {
            steps: 1,
            samples: 32,
            seconds,
            cpu_seconds: seconds - wait_seconds,
            device_seconds: None,
            wait_seconds,
            slices: Vec::new(),
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
            a: [round(1.0, 0.0), round(1.1, 0.0)],
            b: [round(factor, 0.0), round(1.1 * factor, 0.0)],
        };
        factors.iter().map(|factor| Pair { steady: true, blocks: vec![block(factor)] }).collect()
    }

    #[test]
    fn a_ratio_by_hand() {
        // Logs 0.01, 0.02, 0.03: mean 0.02, s = 0.01, t(2) = 4.302653, half 0.0248414.
        let factors = [0.01f64, 0.02, 0.03].map(f64::exp);
        let ratio = Ratio::of(&pairs(&factors), &ALONE, &ALONE).unwrap();
        assert!((ratio.ratio.ln() - 0.02).abs() < 1e-12);
        assert!((ratio.low.ln() + 0.0048414).abs() < 1e-6 && (ratio.high.ln() - 0.0448414).abs() < 1e-6);
        let Difference::NoneShown(most) = ratio.difference() else { panic!("{ratio:?}") };
        assert!((most - 0.0458620).abs() < 1e-6, "{most}");
    }

    #[test]
    fn an_interval_beside_one_is_a_difference() {
        let differs = |factors| Ratio::of(&pairs(factors), &ALONE, &ALONE).unwrap().difference();
        assert_eq!(differs(&[1.02, 1.021, 1.019]), Difference::Slower);
        assert_eq!(differs(&[0.98, 0.981, 0.979]), Difference::Faster);
        assert_eq!(Ratio::of(&pairs(&[1.02]), &ALONE, &ALONE), None);
    }

    #[test]
    fn what_a_process_waited_for_a_core_is_not_its_own() {
        let block = Block {
            b_outside: true,
            a: [round(1.0, 0.0), round(1.0, 0.0)],
            b: [round(1.5, 0.5), round(1.0, 0.0)],
        };
        assert_eq!(log_ratio(&block, [&ALONE; 2]), 0.0);
        assert_eq!(log_ratio(&block, [&TWO; 2]), 1.25f64.ln());
    }
}
