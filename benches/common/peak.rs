//! What a core computes without memory.

use std::hint::black_box;
use std::time::Instant;

/// Returns the most floating-point operations that this core computes in a nanosecond: the best of ten tries of products
/// added in registers.
pub fn peak() -> f64 {
    const ROUNDS: u32 = 2_000_000;
    let once = || {
        let begun = Instant::now();
        let operations = register_products(ROUNDS);
        operations / begun.elapsed().as_nanos() as f64
    };
    (0..10).map(|_| once()).fold(0.0, f64::max)
}

#[cfg(target_arch = "x86_64")]
fn register_products(rounds: u32) -> f64 {
    use std::arch::x86_64::{_mm256_fmadd_ps, _mm256_set1_ps, _mm512_fmadd_ps, _mm512_set1_ps};

    #[target_feature(enable = "avx512f")]
    fn wide(rounds: u32) -> f64 {
        let factor = black_box(_mm512_set1_ps(0.5));
        let mut sums = [factor; 24];
        for _ in 0..rounds {
            for sum in &mut sums {
                *sum = _mm512_fmadd_ps(*sum, factor, factor);
            }
        }
        black_box(sums);
        f64::from(rounds) * 24.0 * 32.0
    }

    #[target_feature(enable = "avx2,fma")]
    fn narrow(rounds: u32) -> f64 {
        let factor = black_box(_mm256_set1_ps(0.5));
        let mut sums = [factor; 12];
        for _ in 0..rounds {
            for sum in &mut sums {
                *sum = _mm256_fmadd_ps(*sum, factor, factor);
            }
        }
        black_box(sums);
        f64::from(rounds) * 12.0 * 16.0
    }

    // SAFETY: each is called only where the processor has its instructions.
    unsafe { if is_x86_feature_detected!("avx512f") { wide(rounds) } else { narrow(rounds) } }
}
