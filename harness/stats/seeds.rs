//! How many seeds a comparison needs.

use super::permutation::binomial;
use super::student::normal_quantile;

/// So many are never asked for.
const MOST: usize = 1000;

/// The number of seeds on each side with which a one-sided test at `level` shows with this `power`
/// that a sample does not lie `margin` below another of the same mean and `deviation`:
/// 2 (z(1 - level) + z(power))^2 (deviation / margin)^2, by the normal approximation (Julious,
/// "Sample sizes for clinical trials with Normal data", Stat. Med. 23:12, 2004, section 6), but so
/// many at least that an exact permutation test can reach the level. None where more than 1000
/// would be.
pub fn seeds_needed(deviation: f64, margin: f64, level: f64, power: f64) -> Option<usize> {
    let normal = normal_quantile(1.0 - level) + normal_quantile(power);
    let wanted = 2.0 * (normal * deviation / margin).powi(2);
    (least_seeds(level)?..=MOST).find(|&seeds| seeds as f64 >= wanted)
}

/// The smallest number of seeds on each side with which complete separation is significant.
fn least_seeds(level: f64) -> Option<usize> {
    (1..=MOST).find(|&seeds| 1.0 / binomial(2 * seeds, seeds) as f64 <= level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // z(0.95) + z(0.8) = 2.486475; 2 * 6.182557 = 12.365 at a deviation of one margin.
        assert_eq!(seeds_needed(1.0, 1.0, 0.05, 0.8), Some(13));
        // 1/C(2n, n): 1/20 for three.
        assert_eq!(seeds_needed(0.0, 1.0, 0.05, 0.8), Some(3));
        assert_eq!(seeds_needed(0.0, 1.0, 0.05 / 8.0, 0.8), Some(5));
        assert_eq!(seeds_needed(1.0, 1e-3, 0.05, 0.8), None);
        assert_eq!(seeds_needed(f64::NAN, 1.0, 0.05, 0.8), None);
    }
}
