//! Where the true mean lies.
//!
//! Student's t and not a bootstrap: a suite has two to ten seeds, and resampling so few values
//! gives intervals that are much too short (two values have three distinct resamples), while a
//! mean over seeds is close enough to normal for t to keep its error rate.

use super::summary::Summary;

/// An interval that holds the true mean in 95 % of samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Student's 95 % interval of the mean, mean ± t(0.975, n - 1) * s / sqrt(n) ("Student", "The
/// probable error of a mean", Biometrika 6:1, 1908). None of fewer than two values.
pub fn mean_interval(summary: &Summary) -> Option<Interval> {
    let half = student(summary.count - 1) * summary.deviation? / (summary.count as f64).sqrt();
    Some(Interval { low: summary.mean - half, high: summary.mean + half })
}

/// The 0.975 quantile of Student's t: to six decimals from a table, which was computed from the
/// finite series 26.7.3 and 26.7.4 of Abramowitz and Stegun; beyond 30 degrees of freedom by their
/// expansion 26.7.5, to within 1e-4.
fn student(degrees: usize) -> f64 {
    const Z: f64 = 1.959963984540054;
    if let Some(&t) = TABLE.get(degrees.wrapping_sub(1)) {
        return t;
    }
    let n = degrees as f64;
    let (z3, z5) = (Z * Z * Z, Z * Z * Z * Z * Z);
    Z + (z3 + Z) / (4.0 * n) + (5.0 * z5 + 16.0 * z3 + 3.0 * Z) / (96.0 * n * n)
}

const TABLE: [f64; 30] = [
    12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139,
    2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905, 2.109816, 2.100922, 2.093024, 2.085963,
    2.079614, 2.073873, 2.068658, 2.063899, 2.059539, 2.055529, 2.051831, 2.048407, 2.045230, 2.042272,
];

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
    fn the_expansion_goes_on_where_the_table_ends() {
        assert!((student(31) - 2.039513).abs() < 1e-4);
        assert!((student(100) - 1.983972).abs() < 1e-5);
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
