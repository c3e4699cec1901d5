//! Several hypotheses at once.

/// Returns the p adjusted for their number, in their order: a hypothesis may be rejected at the family's level where
/// its adjusted p is not above it, and the probability that any true one is rejected stays at most that level, whatever
/// their dependence (Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6:2, 1979).
///
/// # Examples
/// ```
/// assert_eq!(tchbench::stats::holm(&[0.04, 0.01, 0.5]), [0.08, 0.03, 0.5]);
/// ```
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<(usize, f64)> = p.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut adjusted = vec![1.0; p.len()];
    let mut largest = 0.0f64;
    for (rank, (index, p)) in order.into_iter().enumerate() {
        largest = largest.max(p * (adjusted.len() - rank) as f64).min(1.0);
        if let Some(place) = adjusted.get_mut(index) {
            *place = largest;
        }
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // 4 * 0.01; 3 * 0.01; 2 * 0.03; 0.04 at least as much as the one before.
        assert_eq!(holm(&[0.03, 0.01, 0.04, 0.01]), [0.06, 0.04, 0.06, 0.04]);
        assert_eq!(holm(&[0.6, 0.9]), [1.0, 1.0]);
        assert_eq!(holm(&[0.02]), [0.02]);
        assert!(holm(&[]).is_empty());
    }
}
