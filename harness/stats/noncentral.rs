//! The noncentral t distribution: a mean that is not 0, in units of an error that is itself estimated.

use std::f64::consts::{LN_2, SQRT_2};

use libm::{erfc, lgamma};

/// Returns P(T <= t) of the noncentral t distribution with `degrees` > 0 of freedom: of (Z + `shift`) / X, with Z a
/// standard normal value and X^2 times the degrees of freedom one of chi-squared (Johnson and Welch, "Applications of
/// the non-central t-distribution", Biometrika 31:3, 1940). By Simpson's rule over X; right to 1e-6.
pub fn noncentral_t_cdf(t: f64, degrees: f64, shift: f64) -> f64 {
    const STEPS: u32 = 200;
    let normalisation = LN_2 + degrees / 2.0 * (degrees / 2.0).ln() - lgamma(degrees / 2.0);
    let density = |x: f64| (normalisation + (degrees - 1.0) * x.ln() - degrees * x * x / 2.0).exp();
    // Nine deviations of X, and more, on either side.
    let reach = 9.0 / degrees.sqrt();
    let low = (1.0 - reach).max(1e-12);
    let high = 1.0 + reach;
    let width = (high - low) / f64::from(STEPS);
    let weight = |step: u32| match step {
        0 | STEPS => 1.0,
        step if step % 2 == 1 => 4.0,
        _ => 2.0,
    };
    let at = |step: u32| {
        let x = low + width * f64::from(step);
        weight(step) * density(x) * erfc((shift - t * x) / SQRT_2) / 2.0
    };
    ((0..=STEPS).map(at).sum::<f64>() * width / 3.0).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::student_cdf;

    /// The values are those of `stats.nct.cdf` in scipy 1.17.1.
    #[test]
    fn as_scipy_has_it() {
        for (t, degrees, shift, wanted) in [
            (2.5, 4.0, 1.0, 0.8481123997552868),
            (5.6, 8.0, 2.9, 0.9354192647755845),
            (12.0, 2.0, 3.0, 0.9337570545123439),
            (3.0, 1.0, 0.5, 0.8231218864004439),
            (4.2, 198.0, 2.6, 0.9406760881753699),
            (1.0, 7.35, 1.0, 0.4868293549968702),
        ] {
            let found = noncentral_t_cdf(t, degrees, shift);
            assert!((found - wanted).abs() < 1e-6, "{t} {degrees} {shift}: {found} is not {wanted}");
        }
        assert!((noncentral_t_cdf(1.3, 5.0, 0.0) - student_cdf(1.3, 5.0)).abs() < 1e-6);
    }
}
