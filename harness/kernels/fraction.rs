//! Pixels from bytes.

use super::isa::for_each_set;

for_each_set! {
    /// Writes bytes as fractions of 255, correctly rounded as a division is.
    pub fn fractions<S>(bytes: &[u8], values: &mut [S]) {
        let whole = S::of(255.0);
        let part = S::ONE / whole;
        for (value, byte) in values.iter_mut().zip(bytes) {
            let byte = S::of_byte(*byte);
            let near = byte * part;
            // What is left of the byte corrects the quotient (Markstein 1990, "Computation of elementary functions on the
            // IBM RISC System/6000 processor").
            let left = (-near).mul_add(whole, byte);
            *value = left.mul_add(part, near);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::isa::tests::with_each;

    #[test]
    fn every_byte_is_divided_exactly() {
        let bytes: Vec<u8> = (0..=255).collect();
        for (singles, doubles) in with_each(|| {
            let mut singles = vec![0.0f32; 256];
            let mut doubles = vec![0.0f64; 256];
            fractions(&bytes, &mut singles);
            fractions(&bytes, &mut doubles);
            (singles, doubles)
        }) {
            assert!(bytes.iter().zip(singles).all(|(&byte, value)| value == f32::from(byte) / 255.0));
            assert!(bytes.iter().zip(doubles).all(|(&byte, value)| value == f64::from(byte) / 255.0));
        }
    }
}
