//! Vectors of an instruction set, of which kernels are written once for all.

use super::real::Real;

/// The registers of an instruction set that hold several numbers. Every operation is IEEE 754's on each number, so
/// kernels that keep the order of a sum give the same bits on every set.
pub trait Vector: Copy {
    /// What a register holds.
    type Number: Real;
    /// How many numbers a register holds.
    const LANES: usize;
    /// The rows of a tile of a product that registers hold, two registers wide.
    const TILE_ROWS: usize;

    /// Loads `LANES` numbers.
    ///
    /// # Safety
    /// They are there, and the processor has the instruction set.
    unsafe fn load(from: *const Self::Number) -> Self;

    /// Stores `LANES` numbers.
    ///
    /// # Safety
    /// There is room for them, and the processor has the instruction set.
    unsafe fn store(self, to: *mut Self::Number);

    /// Returns the same number in all lanes.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn splat(value: Self::Number) -> Self;

    /// Returns self + other.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn plus(self, other: Self) -> Self;

    /// Returns self - other.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn minus(self, other: Self) -> Self;

    /// Returns self * other.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn times(self, other: Self) -> Self;

    /// Returns self + a b, rounded once.
    ///
    /// # Safety
    /// The processor has the instruction set.
    unsafe fn plus_product(self, a: Self, b: Self) -> Self;
}

/// A number with the registers that hold several of it.
pub trait Scalar: Real {
    /// A register of AVX-512.
    #[cfg(target_arch = "x86_64")]
    type Wide: Vector<Number = Self>;
    /// A register of AVX2.
    #[cfg(target_arch = "x86_64")]
    type Narrow: Vector<Number = Self>;
}

impl Scalar for f32 {
    #[cfg(target_arch = "x86_64")]
    type Wide = std::arch::x86_64::__m512;
    #[cfg(target_arch = "x86_64")]
    type Narrow = std::arch::x86_64::__m256;
}

impl Scalar for f64 {
    #[cfg(target_arch = "x86_64")]
    type Wide = std::arch::x86_64::__m512d;
    #[cfg(target_arch = "x86_64")]
    type Narrow = std::arch::x86_64::__m256d;
}

/// A register of one number, for processors without AVX2.
#[derive(Clone, Copy)]
pub struct Single<S>(pub S);

impl<S: Real> Vector for Single<S> {
    type Number = S;
    const LANES: usize = 1;
    const TILE_ROWS: usize = 4;

    #[inline(always)]
    unsafe fn load(from: *const S) -> Self {
        // SAFETY: the caller's.
        Single(unsafe { *from })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut S) {
        // SAFETY: the caller's.
        unsafe { *to = self.0 }
    }

    #[inline(always)]
    unsafe fn splat(value: S) -> Self {
        Single(value)
    }

    #[inline(always)]
    unsafe fn plus(self, other: Self) -> Self {
        Single(self.0 + other.0)
    }

    #[inline(always)]
    unsafe fn minus(self, other: Self) -> Self {
        Single(self.0 - other.0)
    }

    #[inline(always)]
    unsafe fn times(self, other: Self) -> Self {
        Single(self.0 * other.0)
    }

    #[inline(always)]
    unsafe fn plus_product(self, a: Self, b: Self) -> Self {
        Single(a.0.mul_add(b.0, self.0))
    }
}

/// Implements [`Vector`] by the intrinsics of an instruction set.
#[cfg(target_arch = "x86_64")]
macro_rules! registers {
    ($($register:ident: [$scalar:ident; $lanes:literal], $rows:literal, $load:ident $store:ident $splat:ident $plus:ident $minus:ident $times:ident $fma:ident);+ $(;)?) => {
        $(impl Vector for std::arch::x86_64::$register {
            type Number = $scalar;
            const LANES: usize = $lanes;
            const TILE_ROWS: usize = $rows;

            #[inline(always)]
            unsafe fn load(from: *const $scalar) -> Self {
                // SAFETY: the caller's.
                unsafe { std::arch::x86_64::$load(from) }
            }

            #[inline(always)]
            unsafe fn store(self, to: *mut $scalar) {
                // SAFETY: the caller's.
                unsafe { std::arch::x86_64::$store(to, self) }
            }

            #[inline(always)]
            unsafe fn splat(value: $scalar) -> Self {
                // SAFETY: the caller's.
                unsafe { std::arch::x86_64::$splat(value) }
            }

            #[inline(always)]
            unsafe fn plus(self, other: Self) -> Self {
                // SAFETY: the caller's.
                unsafe { std::arch::x86_64::$plus(self, other) }
            }

            #[inline(always)]
            unsafe fn minus(self, other: Self) -> Self {
                // SAFETY: the caller's.
                unsafe { std::arch::x86_64::$minus(self, other) }
            }

            #[inline(always)]
            unsafe fn times(self, other: Self) -> Self {
                // SAFETY: the caller's.
                unsafe { std::arch::x86_64::$times(self, other) }
            }

            #[inline(always)]
            unsafe fn plus_product(self, a: Self, b: Self) -> Self {
                // SAFETY: the caller's.
                unsafe { std::arch::x86_64::$fma(a, b, self) }
            }
        })+
    };
}

#[cfg(target_arch = "x86_64")]
registers! {
    __m512: [f32; 16], 14, _mm512_loadu_ps _mm512_storeu_ps _mm512_set1_ps _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_fmadd_ps;
    __m512d: [f64; 8], 14, _mm512_loadu_pd _mm512_storeu_pd _mm512_set1_pd _mm512_add_pd _mm512_sub_pd _mm512_mul_pd _mm512_fmadd_pd;
    __m256: [f32; 8], 6, _mm256_loadu_ps _mm256_storeu_ps _mm256_set1_ps _mm256_add_ps _mm256_sub_ps _mm256_mul_ps _mm256_fmadd_ps;
    __m256d: [f64; 4], 6, _mm256_loadu_pd _mm256_storeu_pd _mm256_set1_pd _mm256_add_pd _mm256_sub_pd _mm256_mul_pd _mm256_fmadd_pd;
}
