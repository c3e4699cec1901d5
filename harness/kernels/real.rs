//! The numbers that kernels compute with.

use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// A 32-bit float, with which networks are trained, or a 64-bit float, with which tests check kernels closely.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialOrd
    + Send
    + Sync
    + Sum
    + Add<Output = Self>
    + AddAssign
    + Div<Output = Self>
    + Mul<Output = Self>
    + MulAssign
    + Neg<Output = Self>
    + Sub<Output = Self>
    + SubAssign
    + 'static
{
    /// The number 0, of which sums begin.
    const ZERO: Self;
    /// The number 1, as in 1 - x².
    const ONE: Self;
    /// The number 1/2, as in the sigmoid.
    const HALF: Self;

    /// Returns the nearest number of this kind.
    fn of(value: f64) -> Self;

    /// Returns a byte as a number of this kind.
    fn of_byte(value: u8) -> Self;

    /// Returns it as a 64-bit float.
    fn to_f64(self) -> f64;

    /// Returns self * a + b, rounded once.
    fn mul_add(self, a: Self, b: Self) -> Self;

    /// Returns the square root, correctly rounded.
    fn sqrt(self) -> Self;

    /// Returns the exponential, of numbers up to 0 to within two units in the last place; below -87 it is that of -87.
    fn exp(self) -> Self;

    /// Returns the hyperbolic tangent to within 4e-7 of itself.
    fn tanh(self) -> Self;

    /// Returns 1 / (1 + exp(-self)) to within 2.5e-7.
    #[inline(always)]
    fn sigmoid(self) -> Self {
        (self * Self::HALF).tanh().mul_add(Self::HALF, Self::HALF)
    }
}

impl Real for f32 {
    const ZERO: f32 = 0.0;
    const ONE: f32 = 1.0;
    const HALF: f32 = 0.5;

    #[inline(always)]
    fn of(value: f64) -> f32 {
        value as f32
    }

    #[inline(always)]
    fn of_byte(value: u8) -> f32 {
        value.into()
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self.into()
    }

    #[inline(always)]
    fn mul_add(self, a: f32, b: f32) -> f32 {
        f32::mul_add(self, a, b)
    }

    #[inline(always)]
    fn sqrt(self) -> f32 {
        f32::sqrt(self)
    }

    /// x = n ln 2 + r with |r| <= ln 2 / 2; exp r is its Taylor series to r^7, of relative error 6e-9.
    #[inline(always)]
    fn exp(self) -> f32 {
        // Added to a small number it leaves the nearest whole one in the low bits.
        const SHIFT: f32 = 12_582_912.0;
        let x = if self < -87.0 { -87.0 } else { self };
        let x = if x > 88.0 { 88.0 } else { x };
        let shifted = f32::mul_add(x, std::f32::consts::LOG2_E, SHIFT);
        let n = shifted - SHIFT;
        // ln 2 in two parts, the first of few bits.
        let r = f32::mul_add(n, -1.428_606_8e-6, f32::mul_add(n, -0.693_145_75, x));
        let mut p = 1.0 / 5040.0;
        for coefficient in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0] {
            p = f32::mul_add(p, r, coefficient);
        }
        let scale = f32::from_bits(
            shifted.to_bits().wrapping_sub(SHIFT.to_bits()).wrapping_add(127).wrapping_shl(23),
        );
        p * scale
    }

    /// x P(x²) / Q(x²) with the quotient of least relative error, 2.1e-8, on 0 to 9, beyond which the tangent rounds to 1.
    /// The coefficients were found by iterated least squares weighted by the error (Lawson 1961).
    #[inline(always)]
    fn tanh(self) -> f32 {
        let x = if self < -9.0 { -9.0 } else { self };
        let x = if x > 9.0 { 9.0 } else { x };
        let s = x * x;
        let mut p = 1.335_625_2e-8_f32;
        for coefficient in [2.061_034_7e-5, 3.495_669_7e-3, 0.133_810_95, 1.0] {
            p = f32::mul_add(p, s, coefficient);
        }
        let mut q = 7.777_244_4e-7_f32;
        for coefficient in [3.285_765e-4, 2.587_729_7e-2, 0.467_144_13, 1.0] {
            q = f32::mul_add(q, s, coefficient);
        }
        let y = x * p / q;
        // Rounding must not lead beyond the ends.
        let y = if y < -1.0 { -1.0 } else { y };
        if y > 1.0 { 1.0 } else { y }
    }
}

impl Real for f64 {
    const ZERO: f64 = 0.0;
    const ONE: f64 = 1.0;
    const HALF: f64 = 0.5;

    #[inline(always)]
    fn of(value: f64) -> f64 {
        value
    }

    #[inline(always)]
    fn of_byte(value: u8) -> f64 {
        value.into()
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn mul_add(self, a: f64, b: f64) -> f64 {
        f64::mul_add(self, a, b)
    }

    #[inline(always)]
    fn sqrt(self) -> f64 {
        f64::sqrt(self)
    }

    fn exp(self) -> f64 {
        libm::exp(self)
    }

    fn tanh(self) -> f64 {
        libm::tanh(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All positive floats whose lowest bits are a prime's multiples, up to `most`: some 500,000.
    fn floats(most: f32) -> impl Iterator<Item = f32> {
        (0..most.to_bits()).step_by(2477).map(f32::from_bits)
    }

    #[test]
    fn functions_are_as_near_as_they_say() {
        let mut worst = [0.0f64; 4];
        for x in floats(100.0).flat_map(|x| [x, -x]) {
            let exact = f64::from(x);
            let relative = |got: f32, wanted: f64| ((f64::from(got) - wanted) / wanted).abs();
            if exact.abs() > 1e-30 {
                worst[0] = worst[0].max(relative(Real::tanh(x), exact.tanh()));
            }
            worst[1] = worst[1].max((f64::from(x.sigmoid()) - 1.0 / (1.0 + (-exact).exp())).abs());
            if (-87.0..=0.0).contains(&x) {
                worst[2] = worst[2].max(relative(Real::exp(x), exact.exp()));
            }
        }
        assert!(worst[0] < 4e-7 && worst[1] < 2.5e-7 && worst[2] < 2.4e-7, "{worst:?}");
        let ends = [Real::tanh(f32::INFINITY), -Real::tanh(-100.0f32)];
        assert!(ends.iter().all(|end| (1.0 - 6e-8..=1.0).contains(end)), "{ends:?}");
        assert_eq!(Real::exp(0.0f32), 1.0);
        assert!((5.0f32.to_bits()..9.1f32.to_bits()).all(|bits| Real::tanh(f32::from_bits(bits)) <= 1.0));
        assert!(Real::tanh(f32::NAN).is_nan() && f32::NAN.sigmoid().is_nan() && Real::exp(f32::NAN).is_nan());
    }
}
