//! Whether one sample lies above another, by counting regroupings.
//!
//! A permutation test and not Student's: it is exact for any distribution, and accuracies over a few
//! seeds are skewed, bounded and tied. Two samples and not pairs: a seed shares its initial weights
//! and order with the other side's, but once two trajectories have parted that is worth little, and
//! five pairs can never give a p below 1/32 where five against five reach 1/252.

use crate::rng::{Purpose, Stream};

/// Up to so many regroupings are all counted; of more, [`DRAWS`] are drawn.
const COUNTED: u64 = 20_000;
const DRAWS: u32 = 19_999;

/// For each metric, given as two samples of it, the p of the hypothesis that both are of one
/// distribution, against the second's lying higher: Fisher's test on the difference of the means
/// ("The Design of Experiments", 1935, section 21; Pitman, J. R. Stat. Soc. Suppl. 4:1, 1937).
///
/// All metrics are of the same trials and regrouped together: a p is the fraction of regroupings in
/// which the largest difference of any metric, each in units of its deviation, is at least this
/// metric's. So the p of several metrics are already adjusted for their number, whatever their
/// correlation (single-step maxT of Westfall and Young, "Resampling-Based Multiple Testing", 1993,
/// section 2.6). All regroupings are counted where there are at most 20,000; else 19,999 are drawn
/// from `seed`, and p is (count + 1) / (draws + 1) (Phipson and Smyth, "Permutation p-values should
/// never be zero", Stat. Appl. Genet. Mol. Biol. 9:1, 2010).
///
/// None where a sample is empty, a value is not finite, or metrics differ in number of values.
pub fn permutation_test<const N: usize>(metrics: [(&[f64], &[f64]); N], seed: u64) -> Option<[f64; N]> {
    let &(first, second) = metrics.first()?;
    let (before, chosen) = (first.len(), second.len());
    let columns: Option<Vec<Vec<f64>>> =
        metrics.iter().map(|metric| standardised(metric, (before, chosen))).collect();
    let columns = columns?;
    let row = |index: usize| -> [f64; N] {
        let value = |metric| columns.get(metric).and_then(|column: &Vec<f64>| column.get(index));
        std::array::from_fn(|metric| value(metric).copied().unwrap_or_default())
    };
    let mut rows: Vec<[f64; N]> = (0..before + chosen).map(row).collect();
    // The sum over the second sample grows with the difference of the means.
    let observed = sum(rows.iter().skip(before));
    let mut tally = Tally { observed, hits: [0; N], total: 0 };
    if binomial(rows.len(), chosen) <= COUNTED {
        tally.count(&rows, [0.0; N], chosen);
        return Some(tally.hits.map(|hits| hits as f64 / tally.total as f64));
    }
    let mut stream = Stream::new(seed, Purpose::Resampling, 0);
    for _ in 0..DRAWS {
        stream.shuffle(&mut rows);
        tally.add(sum(rows.iter().take(chosen)));
    }
    Some(tally.hits.map(|hits| (hits + 1) as f64 / (tally.total + 1) as f64))
}

fn plus<const N: usize>(mut sums: [f64; N], row: &[f64; N]) -> [f64; N] {
    sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    sums
}

fn sum<'a, const N: usize>(rows: impl Iterator<Item = &'a [f64; N]>) -> [f64; N] {
    rows.fold([0.0; N], plus)
}

/// n choose k, as far as a `u64` holds it.
pub fn binomial(n: usize, k: usize) -> u64 {
    let step = |value: u64, i: u64| value.checked_mul(n as u64 - i).map_or(u64::MAX, |value| value / (i + 1));
    (0..k.min(n - k.min(n)) as u64).fold(1, |value, i| if value == u64::MAX { value } else { step(value, i) })
}

/// Both samples as one, with mean 0 and deviation 1.
fn standardised((a, b): &(&[f64], &[f64]), sizes: (usize, usize)) -> Option<Vec<f64>> {
    if (a.len(), b.len()) != sizes || a.is_empty() || b.is_empty() {
        return None;
    }
    let pooled: Vec<f64> = a.iter().chain(*b).copied().collect();
    let summary = super::Summary::of(&pooled)?;
    // Values that only rounding keeps apart are equal.
    let rounding = 1e-12 * summary.max.abs().max(summary.min.abs());
    let scale = summary.deviation.filter(|deviation| *deviation > rounding).unwrap_or(1.0);
    Some(pooled.iter().map(|value| (value - summary.mean) / scale).collect())
}

struct Tally<const N: usize> {
    observed: [f64; N],
    hits: [u64; N],
    total: u64,
}

impl<const N: usize> Tally<N> {
    fn add(&mut self, sums: [f64; N]) {
        // Regroupings of equal sums are ties, however they round.
        const ROUNDING: f64 = 1e-9;
        let largest = sums.into_iter().fold(f64::NEG_INFINITY, f64::max) + ROUNDING;
        for (hits, observed) in self.hits.iter_mut().zip(self.observed) {
            *hits += u64::from(largest >= observed);
        }
        self.total += 1;
    }

    /// Adds every way to choose `left` of the rows to those summed.
    fn count(&mut self, rows: &[[f64; N]], sums: [f64; N], left: usize) {
        if left == 0 {
            return self.add(sums);
        }
        let mut rest = rows;
        while let Some((row, after)) = rest.split_first().filter(|_| rest.len() >= left) {
            self.count(after, plus(sums, row), left - 1);
            rest = after;
        }
    }
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
        let (a, b) =
            ([97.8125, 97.9377, 98.0629, 97.7013, 97.8808], [97.9591, 98.1017, 97.9042, 98.0563, 98.2034]);
        assert_eq!(p(&a, &b), 9.0 / 252.0);
    }

    /// Counted with whole numbers. scipy's tolerance is too small for the tie, and finds 6.
    #[test]
    fn a_tie_that_rounding_hides_is_one() {
        let (a, b) = ([97.81, 97.93, 98.02, 97.7, 97.88], [97.95, 98.1, 97.9, 98.05, 98.2]);
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
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [3.0, 5.0, 6.0, 7.0]);
        let once = p(&a, &b);
        let twice = permutation_test([(&a, &b), (&a, &b)], 1).unwrap();
        assert_eq!(twice, [once, once]);
        let (noise, other) = ([1.0, -1.0, 1.0, -1.0], [-1.0, 1.0, -1.0, 1.0]);
        let both = permutation_test([(&a, &b), (&noise, &other)], 1).unwrap();
        assert!(both[0] >= once && both[1] > 0.5);
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
