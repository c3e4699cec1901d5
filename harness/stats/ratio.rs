//! How much slower: the ratio of two programs' times.
//!
//! The unit of replication is the process, not the round: memory layout and the like are drawn once
//! a process, so that rounds of one process agree more than they should (Kalibera and Jones,
//! "Rigorous benchmarking in reasonable time", ISMM 2013).

use super::interval::Interval;
use super::student::{student_cdf, student_quantile};
use super::summary::Summary;

/// What a process says its time is: the least, because what disturbs a program only ever lengthens it,
/// and least repeats better than mean or median (Chen and Revels, "Robust benchmarking in noisy
/// environments", IEEE HPEC 2016). None of no time.
pub fn location(times: &[f64]) -> Option<f64> {
    times.iter().copied().reduce(f64::min)
}

/// The ratio of two means of times, estimated from the logarithms of each side's, by Welch ("The
/// generalization of 'Student's' problem when several different population variances are involved",
/// Biometrika 34:1-2, 1947).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    log: f64,
    error: f64,
    degrees: f64,
}

impl Ratio {
    /// Of `new` to `old` times, one a process. None of fewer than two processes on a side, and where
    /// a time is not positive and finite.
    pub fn of(old: &[f64], new: &[f64]) -> Option<Self> {
        let summary = |times: &[f64]| {
            let summary = Summary::of(&times.iter().map(|time| time.ln()).collect::<Vec<_>>())?;
            let count = summary.count as f64;
            Some((summary.mean, summary.deviation?.powi(2) / count, count - 1.0))
        };
        let ((old_mean, old_square, old_degrees), (new_mean, new_square, new_degrees)) =
            (summary(old)?, summary(new)?);
        let square = old_square + new_square;
        let degrees = square.powi(2) / (old_square.powi(2) / old_degrees + new_square.powi(2) / new_degrees);
        Some(Ratio {
            log: new_mean - old_mean,
            error: square.sqrt(),
            // Without any spread.
            degrees: if degrees.is_finite() { degrees } else { old_degrees + new_degrees },
        })
    }

    /// The estimate: above 1 where the new are slower.
    pub fn estimate(&self) -> f64 {
        self.log.exp()
    }

    /// The interval that holds the true ratio at this two-sided level, such as 0.95.
    pub fn interval(&self, level: f64) -> Interval {
        let half = self.half_width(level);
        Interval { low: (self.log - half).exp(), high: (self.log + half).exp() }
    }

    /// Half the length of the interval of the ratio's logarithm at this two-sided level.
    pub fn half_width(&self, level: f64) -> f64 {
        student_quantile(0.5 + level / 2.0, self.degrees) * self.error
    }

    /// The p of the hypothesis that the true ratio is at most `threshold`.
    pub fn p_above(&self, threshold: f64) -> f64 {
        1.0 - self.p_below(threshold)
    }

    /// The p of the hypothesis that the true ratio is at least `threshold`.
    pub fn p_below(&self, threshold: f64) -> f64 {
        let distance = self.log - threshold.ln();
        match self.error > 0.0 {
            true => student_cdf(distance / self.error, self.degrees),
            false if distance == 0.0 => 0.5,
            false => f64::from(distance > 0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    /// scipy 1.17.1: `stats.ttest_ind` on logarithms with `equal_var=False`, its `df` and
    /// `confidence_interval(0.95)`; the last value with the new times divided by 1.02.
    #[test]
    fn as_scipy_has_it() {
        let ratio = Ratio::of(&[1.01, 1.02, 0.99, 1.0, 1.03], &[1.06, 1.1, 1.05, 1.04]).unwrap();
        let interval = ratio.interval(0.95);
        for (value, scipy) in [
            (ratio.degrees, 4.883635084383476),
            (ratio.estimate(), 1.0518444123850277),
            (interval.low, 1.014066221834165),
            (interval.high, 1.091029997887589),
            (ratio.p_above(1.0), 0.00828024149849384),
            (ratio.p_above(1.02), 0.041404985739539546),
        ] {
            assert!((value - scipy).abs() < 1e-10, "{value} is not {scipy}");
        }
    }

    #[test]
    fn one_process_says_nothing_of_its_spread() {
        assert_eq!(Ratio::of(&[1.0], &[1.0, 2.0]), None);
        assert_eq!(Ratio::of(&[1.0, 0.0], &[1.0, 2.0]), None);
        let steady = Ratio::of(&[2.0, 2.0], &[3.0, 3.0]).unwrap();
        assert_eq!((steady.p_above(1.2), steady.p_below(1.2)), (0.0, 1.0));
    }

    #[test]
    fn it_holds_the_true_ratio_as_often_as_it_says() {
        for (count, spread) in [(3, 0.01), (5, 0.03), (8, 0.01)] {
            let mut stream = Stream::new(11, Purpose::Probe, count);
            let mut times = |mean: f64, spread: f64| -> Vec<f64> {
                (0..count).map(|_| mean * (spread * stream.normal()).exp()).collect()
            };
            let hits = (0..10_000)
                .filter(|_| {
                    let ratio = Ratio::of(&times(1.0, spread), &times(1.05, 2.0 * spread)).unwrap();
                    let interval = ratio.interval(0.95);
                    interval.low <= 1.05 && 1.05 <= interval.high
                })
                .count();
            // Welch's interval is approximate: it may be a little long for three, and is hardly short.
            assert!((0.944..0.972).contains(&(hits as f64 / 1e4)), "{count}: {hits} of 10000");
        }
    }
}
