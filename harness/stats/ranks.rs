//! Ranks, where a value is the worst there is and no number.

/// Values that only rounding keeps apart are equal: this part of the largest of them.
pub(super) const ROUNDING: f64 = 1e-12;

/// Returns two samples as they are; if one holds a negative infinity, the worst value there is, the ranks of both
/// samples together instead, so that it counts as worse than any other and no more than that. Returns `None` if a
/// sample is empty or holds another value that is not finite.
pub(super) fn finite(a: &[f64], b: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
    let pooled: Vec<f64> = a.iter().chain(b).copied().collect();
    if a.is_empty() || b.is_empty() || pooled.iter().any(|value| value.is_nan() || *value == f64::INFINITY) {
        return None;
    }
    if pooled.iter().all(|value| value.is_finite()) {
        return Some((a.to_vec(), b.to_vec()));
    }
    let mut ranks = ranks(&pooled);
    let of_b = ranks.split_off(a.len());
    Some((ranks, of_b))
}

/// Returns the rank of each value from 1 on, in order; ties share the mean of theirs.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let finite = values.iter().filter(|value| value.is_finite());
    let rounding = ROUNDING * finite.fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let mut order: Vec<(usize, f64)> = values.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tied in order.chunk_by(|a, b| a.1 == b.1 || b.1 - a.1 <= rounding) {
        let mean = before as f64 + (tied.len() as f64 + 1.0) / 2.0;
        for (index, _) in tied {
            if let Some(place) = ranks.get_mut(*index) {
                *place = mean;
            }
        }
        before += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert_eq!(ranks(&[0.3, 0.1, 0.1 + 0.2, 0.5]), [2.5, 1.0, 2.5, 4.0]);
        assert_eq!(ranks(&[f64::NEG_INFINITY, 2.0, f64::NEG_INFINITY]), [1.5, 3.0, 1.5]);
        assert_eq!(ranks(&[1.0, f64::INFINITY, f64::INFINITY]), [1.0, 2.5, 2.5]);
    }

    #[test]
    fn only_a_worst_value_makes_ranks() {
        assert_eq!(finite(&[0.5, 0.7], &[0.6]), Some((vec![0.5, 0.7], vec![0.6])));
        assert_eq!(finite(&[0.5, f64::NEG_INFINITY], &[0.6]), Some((vec![2.0, 1.0], vec![3.0])));
        assert_eq!(finite(&[0.5], &[f64::NAN]), None);
        assert_eq!(finite(&[0.5], &[f64::INFINITY]), None);
        assert_eq!(finite(&[], &[0.6]), None);
    }
}
