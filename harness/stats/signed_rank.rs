//! Where the centre of a few differences lies, without assuming how they are spread.

use super::interval::Interval;
use super::student::normal_quantile;
use super::summary::median;

/// Up to so many values the distribution of the rank sum is counted out; of more, it is normal.
const COUNTED: usize = 200;

/// Returns the median of all pairwise means (Hodges and Lehmann, "Estimates of location based on rank tests", Ann.
/// Math. Stat. 34:2, 1963), and the interval that holds the centre at a two-sided level such as 0.95: the means that
/// Wilcoxon's signed-rank test does not reject ("Individual comparisons by ranking methods", Biometrics Bulletin 1:6,
/// 1945; the interval: Tukey 1949; Lehmann, "Nonparametrics", 1975, section 4.3).
///
/// The values need only be independent, each spread symmetrically about the centre, and not all
/// alike. Returns `None` where one is not finite, or where they are [too few](fewest) for the level.
pub fn signed_rank(values: &[f64], level: f64) -> Option<(f64, Interval)> {
    if !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let outside = rejected(values.len(), (1.0 - level) / 2.0)?;
    let mut means: Vec<f64> = values
        .iter()
        .enumerate()
        .flat_map(|(index, a)| values.iter().skip(index).map(move |b| f64::midpoint(*a, *b)))
        .collect();
    means.sort_by(f64::total_cmp);
    let low = *means.get(outside)?;
    let high = *means.iter().rev().nth(outside)?;
    Some((median(&means)?, Interval { low, high }))
}

/// Returns the fewest values of which there is an interval at this two-sided level: of n all have one sign with
/// probability 2 / 2^n.
pub fn fewest(level: f64) -> usize {
    (1.0 - (1.0 - level).log2()).ceil() as usize
}

/// The largest rank sum that is at least so unlikely, itself and all below it together, as `tail`; so many
/// pairwise means lie beyond each end of the interval. Returns `None` where even a sum of 0 is likelier.
fn rejected(count: usize, tail: f64) -> Option<usize> {
    if count > COUNTED {
        let n = count as f64;
        let mean = n * (n + 1.0) / 4.0;
        let deviation = (n * (n + 1.0) * (2.0 * n + 1.0) / 24.0).sqrt();
        return Some((mean + normal_quantile(tail) * deviation).max(0.0) as usize);
    }
    let mut below = 0.0;
    for (sum, probability) in rank_sums(count).into_iter().enumerate() {
        below += probability;
        if below > tail {
            return sum.checked_sub(1);
        }
    }
    None
}

/// The probability of each sum of the ranks 1 to `count` whose signs are positive, were every sign a
/// fair coin.
fn rank_sums(count: usize) -> Vec<f64> {
    let mut sums = vec![1.0];
    for rank in 1..=count {
        let mut next = vec![0.0; sums.len() + rank];
        for (sum, probability) in sums.iter().enumerate() {
            for shifted in [sum, sum + rank] {
                if let Some(place) = next.get_mut(shifted) {
                    *place += probability / 2.0;
                }
            }
        }
        sums = next;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    /// Means of 1, 2, 4, 8, 16, 32 by hand: 21 of them, the median is 8.5 (between 8 and 9 it is the eleventh).
    /// At 95 % none lies outside, as 2 / 2^6 = 0.031: the interval is the range.
    #[test]
    fn by_hand() {
        let (centre, interval) = signed_rank(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0], 0.95).unwrap();
        assert_eq!((centre, interval.low, interval.high), (8.5, 1.0, 32.0));
        assert_eq!(signed_rank(&[1.0, 2.0, 4.0, 8.0, 16.0], 0.95), None);
        assert_eq!((fewest(0.95), fewest(0.9375), fewest(0.5)), (6, 5, 2));
    }

    /// Critical values of the signed-rank test, two-sided 5 % and 1 %: Wilcoxon and Wilcox, "Some rapid
    /// approximate statistical procedures", 1964, table 2.
    #[test]
    fn as_the_printed_table_has_it() {
        for (count, five, one) in
            [(6, 0, None), (8, 3, Some(0)), (10, 8, Some(3)), (15, 25, Some(15)), (25, 89, Some(68))]
        {
            assert_eq!(rejected(count, 0.025), Some(five), "{count}");
            assert_eq!(rejected(count, 0.005), one, "{count}");
        }
        let large: Vec<usize> = [COUNTED, COUNTED + 1].map(|count| rejected(count, 0.025).unwrap()).into();
        assert!((80..140).contains(&(large[1] - large[0])), "{large:?}");
    }

    #[test]
    fn what_is_not_a_number_has_no_centre() {
        assert_eq!(signed_rank(&[f64::NAN; 20], 0.95), None);
        assert_eq!(signed_rank(&[], 0.95), None);
    }

    /// Cauchy's distribution has no mean: Student's interval of it is hardly ever useful.
    #[test]
    fn it_holds_the_centre_as_often_as_it_says_however_wild_the_values() {
        let mut stream = Stream::new(5, Purpose::Probe, 0);
        let mut hits = [0; 2];
        for _ in 0..4_000 {
            let normal: Vec<f64> = (0..14).map(|_| 1.0 + stream.normal()).collect();
            let wild: Vec<f64> = (0..14).map(|_| 1.0 + stream.normal() / stream.normal()).collect();
            for (hits, values) in hits.iter_mut().zip([normal, wild]) {
                let (_, interval) = signed_rank(&values, 0.95).unwrap();
                *hits += usize::from(interval.low <= 1.0 && 1.0 <= interval.high);
            }
        }
        // 95.06 % is what is possible with 14 values; four standard errors are 1.4 points.
        assert!(
            hits.iter().all(|hits| (0.937..0.965).contains(&(f64::from(*hits as u32) / 4e3))),
            "{hits:?}"
        );
    }
}
