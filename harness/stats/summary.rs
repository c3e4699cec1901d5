//! What a few numbers say about themselves.

/// A summary of at least one finite value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The number of values, at least 1.
    pub count: usize,
    /// The arithmetic mean of the values.
    pub mean: f64,
    /// The sample standard deviation, sqrt(sum (x - mean)^2 / (n - 1)), in two passes (Chan, Golub
    /// and LeVeque, "Algorithms for computing the sample variance", Am. Stat. 37:3, 1983); `None` for
    /// one value.
    pub deviation: Option<f64>,
    /// The smallest of the values.
    pub min: f64,
    /// The 25 % [`quantile`].
    pub lower_quartile: f64,
    /// The 50 % [`quantile`].
    pub median: f64,
    /// The 75 % [`quantile`].
    pub upper_quartile: f64,
    /// The largest of the values.
    pub max: f64,
}

impl Summary {
    /// Summarizes `values`. Returns `None` if there is no value or if one is not finite.
    ///
    /// # Examples
    /// ```
    /// use tchbench::stats::{Summary, mean_interval};
    ///
    /// let accuracies = [0.975, 0.978, 0.977, 0.979, 0.976];
    /// let summary = Summary::of(&accuracies).expect("all values are finite");
    /// assert_eq!((summary.count, summary.median), (5, 0.977));
    ///
    /// let interval = mean_interval(&summary).expect("there are two values or more");
    /// assert!(interval.low < summary.mean && summary.mean < interval.high);
    /// ```
    pub fn of(values: &[f64]) -> Option<Self> {
        let sorted = sorted(values)?;
        let min = *sorted.first()?;
        let max = *sorted.last()?;
        let count = sorted.len();
        // Rounding must not put the mean of equal values beside them.
        let mean = (sorted.iter().sum::<f64>() / count as f64).clamp(min, max);
        let squares: f64 = sorted.iter().map(|x| (x - mean) * (x - mean)).sum();
        Some(Summary {
            count,
            mean,
            deviation: (count > 1).then(|| (squares / (count - 1) as f64).sqrt()),
            min,
            lower_quartile: of_sorted(&sorted, 0.25)?,
            median: of_sorted(&sorted, 0.5)?,
            upper_quartile: of_sorted(&sorted, 0.75)?,
            max,
        })
    }
}

/// Returns the value below which the fraction `p` lies: linear between the order statistics, with the smallest at 0 and
/// the largest at 1 (definition 7 of Hyndman and Fan, "Sample quantiles in statistical packages", Am. Stat. 50:4, 1996;
/// the default of R and NumPy). Returns `None` where there is no value, one is not finite, or `p` is not in [0, 1].
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    of_sorted(&sorted(values)?, p)
}

/// Returns the 50 % [`quantile`].
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(values, 0.5)
}

fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    Some(sorted)
}

fn of_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let position = p * sorted.len().checked_sub(1)? as f64;
    let &low = sorted.get(position.floor() as usize)?;
    let &high = sorted.get(position.ceil() as usize)?;
    // Rounding must not lead beyond the two.
    Some((low + (high - low) * (position - position.floor())).clamp(low, high))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_summary_by_hand() {
        let summary = Summary::of(&[4.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!((summary.count, summary.mean, summary.median), (4, 2.5, 2.5));
        assert_eq!((summary.min, summary.max), (1.0, 4.0));
        assert_eq!((summary.lower_quartile, summary.upper_quartile), (1.75, 3.25));
        assert_eq!(summary.deviation, Some((5.0f64 / 3.0).sqrt()));
    }

    #[test]
    fn one_value_has_no_spread_and_none_has_no_summary() {
        assert_eq!(Summary::of(&[7.0]).unwrap().deviation, None);
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Summary::of(&[1.0, f64::NAN]), None);
        assert_eq!(median(&[]), None);
        assert_eq!(quantile(&[1.0], 1.5), None);
    }

    proptest! {
        #[test]
        fn order_does_not_matter(mut values in prop::collection::vec(-1e6..1e6, 1..40)) {
            let summary = Summary::of(&values);
            values.reverse();
            prop_assert_eq!(Summary::of(&values), summary);
        }

        #[test]
        fn all_lies_between_the_extremes(values in prop::collection::vec(-1e6..1e6, 1..40)) {
            let s = Summary::of(&values).unwrap();
            prop_assert!(s.min <= s.lower_quartile && s.lower_quartile <= s.median);
            prop_assert!(s.median <= s.upper_quartile && s.upper_quartile <= s.max);
            prop_assert!(s.min <= s.mean && s.mean <= s.max);
        }

        #[test]
        fn a_shift_moves_the_mean_and_not_the_spread(
            values in prop::collection::vec(-1e3..1e3, 2..40), shift in -1e3f64..1e3,
        ) {
            let moved: Vec<f64> = values.iter().map(|value| value + shift).collect();
            let a = Summary::of(&values).unwrap();
            let b = Summary::of(&moved).unwrap();
            prop_assert!((b.mean - a.mean - shift).abs() < 1e-9);
            prop_assert!((b.deviation.unwrap() - a.deviation.unwrap()).abs() < 1e-9);
        }

        #[test]
        fn equal_values_are_their_own_mean(value in -1e6..1e6, count in 2usize..40) {
            let s = Summary::of(&vec![value; count]).unwrap();
            prop_assert_eq!((s.mean, s.median, s.deviation), (value, value, Some(0.0)));
        }
    }
}
