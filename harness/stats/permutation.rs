//! Whether one sample lies above another, by counting regroupings.
//!
//! A permutation test and not Student's: it is exact for any distribution, and accuracies over a few
//! seeds are skewed, bounded and tied.

use super::ranks::{ROUNDING, finite};
use super::summary::Summary;
use super::tally::{COUNTED, DRAWS, Tally, plus, rows};
use crate::rng::{Purpose, Stream};

/// Returns for each metric, given as two samples of it, the p of the hypothesis that both are of one distribution,
/// against the second's lying higher: Fisher's test ("The Design of Experiments", 1935, section 21; Pitman, J. R. Stat.
/// Soc. Suppl. 4:1, 1937) on the difference of the means in units of its own error, which every regrouping estimates
/// anew from the variance of each group, so that groups of unlike size and spread mislead it less (Janssen,
/// "Studentized permutation tests for non-i.i.d. hypotheses and the generalized Behrens-Fisher problem", Stat. Probab.
/// Lett. 36:1, 1997). Where both are as large, this is the test on the difference of the means.
///
/// All metrics are of the same trials and regrouped together: a p is the fraction of regroupings in
/// which the largest statistic of any metric is at least this metric's. So the p of several metrics are already
/// adjusted for their number, whatever their correlation. All regroupings are counted where there are at most
/// 20,000; else 19,999 are drawn from `seed`. Where a value is negative infinity, the worst there is, ranks are
/// tested.
///
/// Returns `None` if a sample is empty, another value is not finite, or metrics differ in number of values.
pub fn permutation_test<const N: usize>(metrics: [(&[f64], &[f64]); N], seed: u64) -> Option<[f64; N]> {
    let &(first, second) = metrics.first()?;
    let groups = Groups { sizes: (first.len(), second.len()) };
    let columns: Option<Vec<Vec<f64>>> = metrics.iter().map(|metric| groups.standardised(metric)).collect();
    let mut rows: Vec<Moments<N>> = rows(&columns?).into_iter().map(Moments::of).collect();
    let total = sum(rows.iter());
    let statistics = |chosen: Moments<N>| groups.statistics(&total, &chosen);
    let mut tally = Tally::new(statistics(sum(rows.iter().skip(first.len()))));
    if binomial(rows.len(), second.len()) <= COUNTED {
        count(&rows, Moments::of([0.0; N]), second.len(), &mut |chosen| tally.add(statistics(chosen)));
        return Some(tally.of_all());
    }
    let mut stream = Stream::new(seed, Purpose::Resampling, 0);
    for _ in 0..DRAWS {
        stream.shuffle(&mut rows);
        tally.add(statistics(sum(rows.iter().take(second.len()))));
    }
    Some(tally.of_drawn())
}

/// Each metric's value and its square, of a trial, or summed over some.
#[derive(Clone, Copy)]
struct Moments<const N: usize> {
    values: [f64; N],
    squares: [f64; N],
}

impl<const N: usize> Moments<N> {
    fn of(values: [f64; N]) -> Self {
        Moments { values, squares: values.map(|value| value * value) }
    }

    fn plus(self, other: &Self) -> Self {
        Moments { values: plus(self.values, &other.values), squares: plus(self.squares, &other.squares) }
    }
}

fn sum<'a, const N: usize>(rows: impl Iterator<Item = &'a Moments<N>>) -> Moments<N> {
    rows.fold(Moments::of([0.0; N]), Moments::plus)
}

/// Calls `each` with the sum of every way to choose `left` of the rows, and `chosen`.
fn count<const N: usize>(
    rows: &[Moments<N>],
    chosen: Moments<N>,
    left: usize,
    each: &mut impl FnMut(Moments<N>),
) {
    if left == 0 {
        return each(chosen);
    }
    let mut rest = rows;
    while let Some((row, after)) = rest.split_first().filter(|_| rest.len() >= left) {
        count(after, chosen.plus(row), left - 1, each);
        rest = after;
    }
}

/// Of values whose deviation is 1: what is less is rounding.
const EQUAL: f64 = 1e-9;

/// How many values there are in the first and in the second group.
struct Groups {
    sizes: (usize, usize),
}

impl Groups {
    /// Both samples as one, with mean 0 and deviation 1.
    fn standardised(&self, (a, b): &(&[f64], &[f64])) -> Option<Vec<f64>> {
        if (a.len(), b.len()) != self.sizes {
            return None;
        }
        let (mut pooled, b) = finite(a, b)?;
        pooled.extend(b);
        let summary = Summary::of(&pooled)?;
        let rounding = ROUNDING * summary.max.abs().max(summary.min.abs());
        let scale = summary.deviation.filter(|deviation| *deviation > rounding).unwrap_or(1.0);
        Some(pooled.iter().map(|value| (value - summary.mean) / scale).collect())
    }

    /// Of each metric the difference d of the means in units of its error e, as d / sqrt(d^2 + e^2): that grows with
    /// d / e, and is finite where no group has a spread.
    fn statistics<const N: usize>(&self, total: &Moments<N>, second: &Moments<N>) -> [f64; N] {
        let counts = (self.sizes.0 as f64, self.sizes.1 as f64);
        // The squared error of a group's mean: one value has no spread to tell it by.
        let error = |count: f64, sum: f64, squares: f64| {
            if count > 1.0 { (squares - sum * sum / count).max(0.0) / (count * (count - 1.0)) } else { 0.0 }
        };
        std::array::from_fn(|metric| {
            let of = |sums: &[f64; N]| sums.get(metric).copied().unwrap_or_default();
            let sum = of(&second.values);
            let squares = of(&second.squares);
            let other_sum = of(&total.values) - sum;
            let other_squares = of(&total.squares) - squares;
            let difference = sum / counts.1 - other_sum / counts.0;
            let squared = error(counts.0, other_sum, other_squares) + error(counts.1, sum, squares);
            let length = (difference * difference + squared).sqrt();
            if length > EQUAL { difference / length } else { 0.0 }
        })
    }
}

/// Returns n choose k, as far as a `u64` holds it.
pub fn binomial(n: usize, k: usize) -> u64 {
    let step = |value: u64, i: u64| value.checked_mul(n as u64 - i).map_or(u64::MAX, |value| value / (i + 1));
    (0..k.min(n - k.min(n)) as u64).fold(1, |value, i| if value == u64::MAX { value } else { step(value, i) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(a: &[f64], b: &[f64]) -> f64 {
        permutation_test([(a, b)], 1).unwrap()[0]
    }

    /// scipy 1.17.1: `stats.permutation_test((b, a), difference of means, alternative="greater",
    /// n_resamples=inf)` gives 0.03571428571428571.
    #[test]
    fn as_scipy_has_it() {
        let a = [97.8125, 97.9377, 98.0629, 97.7013, 97.8808];
        let b = [97.9591, 98.1017, 97.9042, 98.0563, 98.2034];
        assert_eq!(p(&a, &b), 9.0 / 252.0);
    }

    /// Counted with whole numbers. scipy's tolerance is too small for the tie, and finds 6.
    #[test]
    fn a_tie_that_rounding_hides_is_one() {
        let a = [97.81, 97.93, 98.02, 97.7, 97.88];
        let b = [97.95, 98.1, 97.9, 98.05, 98.2];
        assert_eq!(p(&a, &b), 7.0 / 252.0);
    }

    #[test]
    fn complete_separation_is_one_in_all_regroupings() {
        assert_eq!(p(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), 1.0 / 20.0);
        assert_eq!(p(&[4.0, 5.0, 6.0], &[1.0, 2.0, 3.0]), 1.0);
    }

    #[test]
    fn ties_count() {
        assert_eq!(p(&[0.1 + 0.2, 0.3], &[0.3, 0.1 + 0.2]), 1.0);
        assert_eq!(p(&[5.0, 5.0], &[5.0, 5.0]), 1.0);
        // Of the six regroupings, two put both ones into the second sample's place or tie with it.
        assert_eq!(p(&[0.0, 0.0], &[1.0, 0.0]), 3.0 / 6.0);
    }

    #[test]
    fn drawn_p_are_never_zero_and_come_near_the_counted() {
        let low: Vec<f64> = (0..20).map(f64::from).collect();
        let high: Vec<f64> = low.iter().map(|value| value + 100.0).collect();
        assert_eq!(p(&low, &high), 1.0 / 20_000.0);
        let alike = p(&low, &low);
        assert!((alike - 0.5).abs() < 0.02, "{alike}");
        assert_eq!(alike, p(&low, &low));
    }

    #[test]
    fn two_metrics_that_say_the_same_cost_nothing() {
        let a = [1.0, 2.0, 3.0, 4.0];
        let b = [3.0, 5.0, 6.0, 7.0];
        let once = p(&a, &b);
        let twice = permutation_test([(&a, &b), (&a, &b)], 1).unwrap();
        assert_eq!(twice, [once, once]);
        let noise = [1.0, -1.0, 1.0, -1.0];
        let other = [-1.0, 1.0, -1.0, 1.0];
        let both = permutation_test([(&a, &b), (&noise, &other)], 1).unwrap();
        assert!(both[0] >= once && both[1] > 0.5);
    }

    /// scipy 1.17.1, unequal sizes: every regrouping by `itertools.combinations`, its
    /// `stats.ttest_ind(b, a, equal_var=False).statistic` at least the observed one: 7 of 84; by the means alone 8.
    #[test]
    fn unequal_groups_are_studentised() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.5, 6.25];
        let b = [5.0, 9.0, 4.5];
        assert_eq!(p(&a, &b), 7.0 / 84.0);
    }

    /// Ranked, the failed are worse than the worst: one regrouping of 252 separates them.
    #[test]
    fn all_failed_is_complete_separation() {
        let well = [0.9, 0.91, 0.92, 0.93, 0.94];
        assert_eq!(p(&[f64::NEG_INFINITY; 5], &well), 1.0 / 252.0);
        let one = [0.9, 0.91, 0.92, 0.93, f64::NEG_INFINITY];
        assert_eq!(p(&one, &one), p(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 2.0, 3.0, 4.0, 5.0]));
    }

    #[test]
    fn what_cannot_be_tested() {
        assert_eq!(permutation_test::<0>([], 1), None);
        assert_eq!(permutation_test([(&[1.0], &[])], 1), None);
        assert_eq!(permutation_test([(&[1.0], &[f64::NAN])], 1), None);
        assert_eq!(permutation_test([(&[1.0], &[2.0]), (&[1.0, 2.0], &[2.0])], 1), None);
    }

    #[test]
    fn binomials() {
        assert_eq!((binomial(10, 5), binomial(4, 0), binomial(3, 3)), (252, 1, 1));
        assert_eq!(binomial(200, 100), u64::MAX);
    }
}
