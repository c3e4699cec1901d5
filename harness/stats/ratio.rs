//! How much slower: the ratio of two programs' times.
//!
//! The unit of replication is the process, not the round: memory layout and the like are drawn once
//! a process, so that rounds of one process agree more than they should (Kalibera and Jones,
//! "Rigorous benchmarking in reasonable time", ISMM 2013).

use super::interval::Interval;
use super::student::{student_cdf, student_quantile};
use super::summary::Summary;

/// Returns the time of a process: the least of its times, because what disturbs a program only ever lengthens it, and
/// least repeats better than mean or median (Chen and Revels, "Robust benchmarking in noisy environments", IEEE HPEC
/// 2016). Returns `None` if there is no time.
pub fn location(times: &[f64]) -> Option<f64> {
    times.iter().copied().reduce(f64::min)
}

/// The ratio of two programs' times, from the faster half of each side's processes.
///
/// On a shared machine others come and go for seconds, and slow the processes of that time down; none
/// is ever sped up. So of each side's logarithms the slower half is trimmed, and the means of what is
/// left are compared by Yuen's test: the variance is that of the winsorised logarithms, the degrees of
/// freedom Welch's ("The two-sample trimmed t for unequal population variances", Biometrika 61:1, 1974;
/// of one side alone: Keselman, Wilcox, Lix, Algina and Fradette, "Adaptive robust estimation and testing",
/// Br. J. Math. Stat. Psychol. 60:2, 2007).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    log: f64,
    error: f64,
    degrees: f64,
}

/// However few processes there are, so many are kept.
const KEPT: usize = 3;

/// Returns the mean logarithm of the faster half of some times: what [`Ratio`] compares. Returns `None` where a ratio
/// of them has none.
pub fn level(times: &[f64]) -> Option<f64> {
    faster_half(times.iter().map(|time| time.ln()).collect()).map(|(mean, ..)| mean)
}

/// The mean of the faster half of some logarithms, its squared standard error and degrees of freedom. None of
/// fewer than two, and where one is not finite.
fn faster_half(mut logs: Vec<f64>) -> Option<(f64, f64, f64)> {
    logs.sort_by(f64::total_cmp);
    let kept = logs.len().div_ceil(2).max(KEPT.min(logs.len()));
    let mean = Summary::of(logs.get(..kept)?)?.mean;
    let slowest = *logs.get(kept - 1)?;
    logs.iter_mut().skip(kept).for_each(|log| *log = slowest);
    let squares = Summary::of(&logs)?.deviation?.powi(2) * (logs.len() - 1) as f64;
    let degrees = (kept - 1) as f64;
    Some((mean, squares / (kept as f64 * degrees), degrees))
}

impl Ratio {
    /// Returns the ratio of `new` to `old` times, one time for each process. Returns `None` for fewer than two
    /// processes on a side, and where a time is not positive and finite.
    pub fn of(old: &[f64], new: &[f64]) -> Option<Self> {
        let half = |times: &[f64]| faster_half(times.iter().map(|time| time.ln()).collect());
        let (old_mean, old_square, old_degrees) = half(old)?;
        let (new_mean, new_square, new_degrees) = half(new)?;
        let square = old_square + new_square;
        let degrees = square.powi(2) / (old_square.powi(2) / old_degrees + new_square.powi(2) / new_degrees);
        Some(Ratio {
            log: new_mean - old_mean,
            error: square.sqrt(),
            // Without any spread.
            degrees: if degrees.is_finite() { degrees } else { old_degrees + new_degrees },
        })
    }

    /// Returns the same estimate, with an error that is known from elsewhere: its `variance` was estimated with so many
    /// `degrees` of freedom.
    pub fn with_variance(self, variance: f64, degrees: f64) -> Self {
        Ratio { error: variance.sqrt(), degrees, ..self }
    }

    /// Returns the estimated variance of the ratio's logarithm.
    pub fn variance(&self) -> f64 {
        self.error.powi(2)
    }

    /// Returns the ratio for new times that are `factor` times as long.
    pub fn scaled(self, factor: f64) -> Self {
        Ratio { log: self.log + factor.ln(), ..self }
    }

    /// Returns the estimate of the ratio, which is above 1 if the new times are longer.
    pub fn estimate(&self) -> f64 {
        self.log.exp()
    }

    /// Returns the interval that holds the true ratio at this two-sided level, such as 0.95.
    pub fn interval(&self, level: f64) -> Interval {
        let half = self.half_width(level);
        Interval { low: (self.log - half).exp(), high: (self.log + half).exp() }
    }

    /// Returns half the length of the interval of the ratio's logarithm at this two-sided level.
    pub fn half_width(&self, level: f64) -> f64 {
        student_quantile(0.5 + level / 2.0, self.degrees) * self.error
    }

    /// Returns the p of the hypothesis that the true ratio is at most `threshold`.
    pub fn p_above(&self, threshold: f64) -> f64 {
        1.0 - self.p_below(threshold)
    }

    /// Returns the p of the hypothesis that the true ratio is at least `threshold`.
    pub fn p_below(&self, threshold: f64) -> f64 {
        let distance = self.log - threshold.ln();
        if self.error > 0.0 {
            student_cdf(distance / self.error, self.degrees)
        } else if distance == 0.0 {
            0.5
        } else {
            f64::from(distance > 0.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    /// scipy 1.17.1: `stats.ttest_ind` on logarithms with `equal_var=False`, its `df` and
    /// `confidence_interval(0.95)`; the last value with the new times divided by 1.02. Of three times none is
    /// trimmed.
    #[test]
    fn as_scipy_has_it_where_nothing_is_trimmed() {
        let ratio = Ratio::of(&[1.01, 1.02, 0.99], &[1.06, 1.1, 1.05]).unwrap();
        let interval = ratio.interval(0.95);
        for (value, scipy) in [
            (ratio.degrees, 3.3356842346499795),
            (ratio.estimate(), 1.0627808078089755),
            (interval.low, 1.0107290044572854),
            (interval.high, 1.1175132409043602),
            (ratio.p_above(1.0), 0.01487730095260395),
            (ratio.p_above(1.02), 0.0410907614955853),
        ] {
            assert!((value - scipy).abs() < 1e-10, "{value} is not {scipy}");
        }
    }

    /// Six logarithms: 0 to 5 hundredths; kept are 0, 1, 2. Winsorised 0, 1, 2, 2, 2, 2: mean 1.5, squares
    /// 3.5 hundredths of a hundredth; over 3 * 2.
    #[test]
    fn a_half_is_trimmed_by_hand() {
        let logs: Vec<f64> = (0..6).rev().map(|log| f64::from(log) * 0.01).collect();
        let (mean, square, degrees) = faster_half(logs.clone()).unwrap();
        assert!((mean - 0.01).abs() < 1e-15 && (square - 3.5e-4 / 6.0).abs() < 1e-15 && degrees == 2.0);
        let late: Vec<f64> = logs.iter().map(|log| if *log > 0.025 { log + 1.0 } else { *log }).collect();
        assert_eq!(faster_half(late).unwrap().0, mean);
    }

    #[test]
    fn one_process_says_nothing_of_its_spread() {
        assert_eq!(Ratio::of(&[1.0], &[1.0, 2.0]), None);
        assert_eq!(Ratio::of(&[1.0, 0.0], &[1.0, 2.0]), None);
        let steady = Ratio::of(&[2.0, 2.0], &[3.0, 3.0]).unwrap();
        assert_eq!((steady.p_above(1.2), steady.p_below(1.2)), (0.0, 1.0));
    }

    /// In how many of 10,000 comparisons of equally spread times the interval of 95 % holds the true ratio,
    /// and in how many it lies above it. A part `disturbed` of the processes takes up to a fifth longer.
    fn held(count: u64, disturbed: f64) -> (usize, usize) {
        let mut stream = Stream::new(11, Purpose::Probe, count);
        let mut times = |mean: f64| -> Vec<f64> {
            let mut time = || {
                let slower = if stream.unit() < disturbed { 0.2 * stream.unit() } else { 0.0 };
                mean * (0.01 * stream.normal() + slower).exp()
            };
            (0..count).map(|_| time()).collect()
        };
        let mut held = 0;
        let mut above = 0;
        for _ in 0..10_000 {
            let interval = Ratio::of(&times(1.0), &times(1.05)).unwrap().interval(0.95);
            held += usize::from(interval.low <= 1.05 && 1.05 <= interval.high);
            above += usize::from(interval.low > 1.05);
        }
        (held, above)
    }

    #[test]
    fn it_holds_the_true_ratio_as_often_as_it_says() {
        for (count, disturbed) in [(3, 0.0), (5, 0.0), (8, 0.0), (20, 0.0), (10, 0.3), (20, 0.3)] {
            let (held, above) = held(count, disturbed);
            println!("{count} processes, {disturbed} disturbed: {held} of 10000, {above} above");
            assert!(held >= 9_450 && above <= 275, "{count}: {held} of 10000, {above} above");
        }
    }
}
