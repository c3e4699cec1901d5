//! What a comparison of more seeds would show.

use super::noncentral::noncentral_t_cdf;
use super::student::student_quantile;

/// Returns the probability that a one-sided t test with `degrees` of freedom at `level` shows a difference of `errors`
/// standard errors, where the spread behind these is itself an estimate with `known` degrees of freedom: over what the
/// true spread may be, P(T <= `errors`) of a noncentral t with `known` degrees of freedom and the test's critical value
/// for its shift (Julious and Owen, "Sample size calculations for clinical studies allowing for uncertainty about the
/// variance", Pharm. Stat. 5:1, 2006).
pub fn assurance(errors: f64, known: f64, degrees: f64, level: f64) -> f64 {
    noncentral_t_cdf(errors, known, student_quantile(1.0 - level, degrees))
}

/// Returns the first number of a range for which a property holds that holds for all after it, too.
pub fn first(range: std::ops::Range<usize>, holds: impl Fn(usize) -> bool) -> Option<usize> {
    let mut low = range.start;
    let mut high = range.end;
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    (low < range.end).then_some(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_found() {
        assert_eq!(first(3..1000, |n| n * n >= 50), Some(8));
        assert_eq!(
            (first(3..1000, |_| true), first(3..1000, |_| false), first(5..5, |_| true)),
            (Some(3), None, None)
        );
    }

    /// scipy 1.17.1: 17 values a side a deviation apart are shown at 5 % with a power of
    /// `1 - stats.nct.cdf(stats.t.ppf(0.95, 32), 32, sqrt(17 / 2))`, 0.88650. The spread that the test itself will find
    /// is taken for the true one here, which makes little difference.
    #[test]
    fn a_spread_that_is_known_gives_the_power_of_the_test() {
        let errors = (17.0f64 / 2.0).sqrt();
        let sure = assurance(errors, 1e4, 32.0, 0.05);
        assert!((sure - 0.88650).abs() < 5e-3, "{sure}");
        assert!(
            assurance(errors, 8.0, 32.0, 0.05) < sure,
            "of a spread that is hardly known it is less sure"
        );
    }
}
