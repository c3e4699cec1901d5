//! Student's t and the normal distribution.

use std::f64::consts::SQRT_2;

use libm::{erfc, lgamma};

/// Returns P(T <= t) for Student's t with `degrees` > 0 of freedom, whole or not (Abramowitz and Stegun 26.7.1). Right
/// to 1e-12 up to a thousand degrees.
pub fn student_cdf(t: f64, degrees: f64) -> f64 {
    let tail = student_tail(t.abs(), degrees);
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// Returns the `t` with [`student_cdf`] `p`, for `p` in (0, 1).
pub fn student_quantile(p: f64, degrees: f64) -> f64 {
    quantile(p, |t| student_tail(t, degrees))
}

/// Returns the `z` below which the part `p` in (0, 1) of the standard normal distribution lies.
pub fn normal_quantile(p: f64) -> f64 {
    quantile(p, |z| erfc(z / SQRT_2) / 2.0)
}

/// The quantile of a distribution around 0 by `tail`, the part above a value that is not negative.
/// The value is doubled until it is beyond, then the interval halved down to neighbouring floats.
fn quantile(p: f64, tail: impl Fn(f64) -> f64) -> f64 {
    if p.is_nan() || p <= 0.0 || p >= 1.0 {
        return f64::NAN;
    }
    let (sign, wanted) = if p > 0.5 { (1.0, 1.0 - p) } else { (-1.0, p) };
    let mut low = 0.0;
    let mut high = 1.0;
    while tail(high) > wanted && high < f64::MAX / 2.0 {
        (low, high) = (high, high * 2.0);
    }
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return sign * middle;
        }
        if tail(middle) > wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
}

/// P(T > t) for `t` >= 0.
fn student_tail(t: f64, degrees: f64) -> f64 {
    let square = t * t;
    beta(degrees / 2.0, 0.5, degrees / (degrees + square), square / (degrees + square)) / 2.0
}

/// The regularised incomplete beta function I_x(a, b), where `y` is 1 - `x` without cancellation: the
/// continued fraction 8.17.22 of the NIST Digital Library of Mathematical Functions, taken on the
/// side where it converges fast (8.17.4 swaps the two).
fn beta(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let front = (lgamma(a + b) - lgamma(a) - lgamma(b) + a * x.ln() + b * y.ln()).exp();
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, y) / b
    }
}

/// The continued fraction, by the method of Lentz ("Generating Bessel functions in Mie scattering
/// calculations using continued fractions", Appl. Opt. 15:3, 1976).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let nonzero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / nonzero(1.0 + term * d);
            c = nonzero(1.0 + term / c);
            change *= c * d;
        }
        value *= change;
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-11 * b.abs().max(1e-3), "{a} is not {b}");
    }

    /// scipy 1.17.1: `stats.t.cdf`, `stats.t.ppf`, `stats.norm.ppf`.
    #[test]
    fn as_scipy_has_it() {
        close(student_cdf(-3.2, 4.0), 0.016450405300469487);
        close(student_cdf(0.7, 1.0), 0.6944001122142147);
        close(student_cdf(2.0, 7.35), 0.9581626589397128);
        close(student_cdf(5.5, 2.5), 0.9906155626005388);
        close(student_cdf(-0.1, 120.0), 0.46025559965783497);
        close(student_quantile(0.975, 1.0), 12.706204736174694);
        close(student_quantile(0.975, 30.0), 2.0422724563012378);
        close(student_quantile(0.99375, 7.35), 3.285040945184416);
        close(student_quantile(0.05, 3.3), -2.2686545667554654);
        close(student_quantile(0.9999, 12.0), 5.263273007826034);
        close(normal_quantile(0.95), 1.6448536269514722);
        close(normal_quantile(0.8), 0.8416212335729143);
        close(normal_quantile(0.00625), -2.497705474412373);
        close(normal_quantile(0.999999), 4.753424308817087);
    }

    #[test]
    fn a_quantile_goes_back_to_its_probability() {
        for degrees in [1.0, 2.5, 7.3, 60.0] {
            for p in [1e-6, 0.003, 0.4, 0.5, 0.8, 0.9999] {
                close(student_cdf(student_quantile(p, degrees), degrees), p);
            }
        }
        assert!(student_quantile(0.0, 3.0).is_nan() && normal_quantile(1.5).is_nan());
    }
}
