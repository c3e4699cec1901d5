//! Where the true mean lies.
//!
//! Student's t and not a bootstrap: a suite has two to ten seeds, and resampling so few values
//! gives intervals that are much too short (two values have three distinct resamples), while a
//! mean over seeds is close enough to normal for t to keep its error rate.

use super::student::student_quantile;
use super::summary::Summary;

/// An interval that holds the true value in a stated fraction of samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

/// Returns Student's 95 % interval of the mean, mean ± t(0.975, n - 1) * s / sqrt(n) ("Student", "The probable error of
/// a mean", Biometrika 6:1, 1908). Returns `None` for fewer than two values.
pub fn mean_interval(summary: &Summary) -> Option<Interval> {
    let deviation = summary.deviation?;
    let count = summary.count as f64;
    let half = student_quantile(0.975, count - 1.0) * deviation / count.sqrt();
    Some(Interval { low: summary.mean - half, high: summary.mean + half })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    #[test]
    fn an_interval_by_hand() {
        // n = 5, mean 3, s = sqrt(2.5), t = 2.776445.
        let interval = mean_interval(&Summary::of(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap()).unwrap();
        assert!((interval.low - 1.036757).abs() < 1e-6 && (interval.high - 4.963243).abs() < 1e-6);
    }

    #[test]
    fn one_value_has_no_interval() {
        assert_eq!(mean_interval(&Summary::of(&[1.0]).unwrap()), None);
    }

    #[test]
    fn it_holds_the_true_mean_in_95_percent_of_samples() {
        for count in [2, 3, 5, 40] {
            let mut stream = Stream::new(7, Purpose::Probe, count);
            let hits = (0..20_000)
                .filter(|_| {
                    let values: Vec<f64> = (0..count).map(|_| stream.normal()).collect();
                    let interval = mean_interval(&Summary::of(&values).unwrap()).unwrap();
                    interval.low <= 0.0 && 0.0 <= interval.high
                })
                .count();
            // Four standard errors of 20,000 draws: 0.0062.
            assert!((hits as f64 / 2e4 - 0.95).abs() < 0.0062, "{count} values: {hits} of 20000");
        }
    }
}
