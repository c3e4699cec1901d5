//! Whether one of two values of a pair is the higher, by counting flips of the pairs.
//!
//! Two trials of one seed share initial weights and the order of the samples. What they share cancels in the
//! difference of a pair, however much it is.

use super::ranks::{ROUNDING, ranks};
use super::tally::{COUNTED, DRAWS, Tally, plus, rows};
use crate::rng::{Purpose, Stream};

/// Returns for each metric, given as two samples of which values of one index are a pair, the p of the hypothesis that
/// the two of every pair might as well change places, against the second's lying higher: Fisher's test on the mean of
/// the differences, whose signs are flipped ("The Design of Experiments", 1935, section 21). It is exact wherever the
/// differences are spread symmetrically about 0, whatever two of a pair have in common; of n pairs p is at least 1 /
/// 2^n.
///
/// All metrics are flipped together, so that their p are already adjusted for their number, as those of
/// [`permutation_test`](super::permutation_test) are. All flips are counted of up to 14 pairs; of more, 19,999 are drawn
/// from `seed`. Where a value is negative infinity, the worst there is, the signed ranks of the differences are tested;
/// two worst values are no difference.
///
/// Returns `None` if there is no pair, another value is not finite, or samples differ in length.
///
/// # Examples
/// Five seeds before and after a change, and two metrics of each. Of the 2^5 ways to flip the pairs, two make a
/// statistic as large as that of the accuracy.
/// ```
/// use tchbench::stats::sign_flip_test;
///
/// let old_accuracy = [0.975, 0.978, 0.977, 0.979, 0.976];
/// let new_accuracy = [0.976, 0.980, 0.978, 0.982, 0.977];
/// let old_loss = [0.081, 0.079, 0.080, 0.078, 0.082];
/// let new_loss = [0.082, 0.077, 0.081, 0.079, 0.081];
/// let metrics = [(&old_accuracy[..], &new_accuracy[..]), (&old_loss[..], &new_loss[..])];
///
/// let [accuracy, loss] = sign_flip_test(metrics, 1).expect("there are pairs of finite values");
/// assert_eq!(accuracy, 2.0 / 32.0);
/// assert!(loss > 0.5);
/// ```
pub fn sign_flip_test<const N: usize>(metrics: [(&[f64], &[f64]); N], seed: u64) -> Option<[f64; N]> {
    let pairs = metrics.first()?.0.len();
    if metrics.iter().any(|(a, b)| a.len() != pairs || b.len() != pairs) || pairs == 0 {
        return None;
    }
    let columns: Option<Vec<Vec<f64>>> = metrics.iter().map(|(low, high)| differences(low, high)).collect();
    let rows = rows(&columns?);
    let mut tally = Tally::new(rows.iter().fold([0.0; N], plus));
    if pairs < 64 && 1u64 << pairs <= COUNTED {
        count(&rows, [0.0; N], &mut |sums| tally.add(sums));
        return Some(tally.of_all());
    }
    let mut stream = Stream::new(seed, Purpose::Resampling, 0);
    for _ in 0..DRAWS {
        let flipped = |sums, row: &[f64; N]| match stream.u32() & 1 {
            0 => plus(sums, row),
            _ => plus(sums, &row.map(|value| -value)),
        };
        tally.add(rows.iter().fold([0.0; N], flipped));
    }
    Some(tally.of_drawn())
}

/// Calls `each` with the sums over all rows, each row with either sign, and `sums`.
fn count<const N: usize>(rows: &[[f64; N]], sums: [f64; N], each: &mut impl FnMut([f64; N])) {
    match rows.split_first() {
        None => each(sums),
        Some((row, rest)) => {
            count(rest, plus(sums, row), each);
            count(rest, plus(sums, &row.map(|value| -value)), each);
        }
    }
}

/// What the second of each pair has more than the first, or its signed rank; with a sum of squares of 1.
fn differences(low: &[f64], high: &[f64]) -> Option<Vec<f64>> {
    let one = |(&low, &high): (&f64, &f64)| {
        let rounding = ROUNDING * low.abs().max(high.abs());
        match (low.is_finite(), high.is_finite()) {
            (true, true) if (high - low).abs() <= rounding => Some(0.0),
            (true, true) => Some(high - low),
            (false, false) if low == high && low < 0.0 => Some(0.0),
            (false, true) if low == f64::NEG_INFINITY => Some(f64::INFINITY),
            (true, false) if high == f64::NEG_INFINITY => Some(f64::NEG_INFINITY),
            _ => None,
        }
    };
    let mut found = low.iter().zip(high).map(one).collect::<Option<Vec<f64>>>()?;
    if !found.iter().all(|difference| difference.is_finite()) {
        let sizes: Vec<f64> = found.iter().map(|difference| difference.abs()).collect();
        let sign = |difference: f64| if difference == 0.0 { 0.0 } else { difference.signum() };
        found = found.iter().zip(ranks(&sizes)).map(|(one, rank)| sign(*one) * rank).collect();
    }
    let length = found.iter().map(|difference| difference * difference).sum::<f64>().sqrt();
    if length > 0.0 {
        found.iter_mut().for_each(|difference| *difference /= length);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(low: &[f64], high: &[f64]) -> f64 {
        sign_flip_test([(low, high)], 1).unwrap()[0]
    }

    /// scipy 1.17.1: `stats.permutation_test((b, a), mean of differences, permutation_type="samples",
    /// alternative="greater", n_resamples=inf)`, with b - a as below: 9 of 128.
    #[test]
    fn as_scipy_has_it() {
        let differences = [0.3, -0.1, 0.45, 0.2, 0.7, -0.35, 0.6];
        let shared = [9.0, 4.0, 7.0, 1.0, 3.0, 8.0, 2.0];
        let high: Vec<f64> = shared.iter().zip(differences).map(|(shared, more)| shared + more).collect();
        assert_eq!(p(&shared, &high), 9.0 / 128.0);
    }

    #[test]
    fn pairs_that_all_go_one_way_are_one_in_all_flips() {
        let low = [5.0, 1.0, 9.0, 3.0];
        let high = low.map(|value| value + 1e-3);
        assert_eq!((p(&low, &high), p(&high, &low)), (1.0 / 16.0, 1.0));
    }

    /// A shift there and back leaves differences of rounding, which are none.
    #[test]
    fn what_only_rounding_keeps_apart_is_no_difference() {
        let values = [0.978, 0.9794, 0.9761, 0.9783];
        let shifted = values.map(|value| value - 0.005 + 0.005);
        assert_eq!(p(&values, &shifted), 1.0);
    }

    /// Of 5 pairs one failed on the second side and counts as the largest rank of all: signed ranks 1, 2, 3, 4, -5.
    /// Sums of at least 5: of the 32 subsets that are flipped, those whose ranks sum to at most 5.
    #[test]
    fn a_failure_is_the_largest_rank() {
        let low = [0.1, 0.1, 0.1, 0.1, 0.1];
        let high = [0.2, 0.3, 0.4, 0.5, f64::NEG_INFINITY];
        assert_eq!(p(&low, &high), 10.0 / 32.0);
        let both = [0.2, 0.3, f64::NEG_INFINITY];
        assert_eq!(p(&both, &both), 1.0);
    }

    #[test]
    fn many_pairs_are_drawn() {
        let low: Vec<f64> = (0..20).map(f64::from).collect();
        let high: Vec<f64> = low.iter().map(|value| value + 1.0).collect();
        assert_eq!(p(&low, &high), 1.0 / 20_000.0);
        let mixed: Vec<f64> = (0..20).map(|index| f64::from(index) + f64::from(index % 2) - 0.5).collect();
        assert!((p(&low, &mixed) - 0.588).abs() < 0.02, "P(B(20, 1/2) >= 10) is 0.588");
    }

    #[test]
    fn what_cannot_be_tested() {
        assert_eq!(sign_flip_test::<0>([], 1), None);
        assert_eq!(sign_flip_test([(&[], &[])], 1), None);
        assert_eq!(sign_flip_test([(&[1.0], &[1.0, 2.0])], 1), None);
        assert_eq!(sign_flip_test([(&[1.0], &[f64::NAN])], 1), None);
        assert_eq!(sign_flip_test([(&[f64::INFINITY], &[1.0])], 1), None);
    }
}
