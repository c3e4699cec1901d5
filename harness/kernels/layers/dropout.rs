//! `dropout` (Srivastava et al. 2014): in training each value is 0 with a probability, and the others are scaled so that
//! the expectation stays.
//!
//! A mask is a function of the step's random number, the layer and the place, so that it need not be kept.

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::isa::for_each_set;
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::layers::dropout::Dropout;
use crate::recipe::shape::Shape;

struct PlannedDropout {
    shape: Shape,
    rate: f64,
    /// Tells it from other layers.
    noise: u64,
}

impl<S: Scalar> Planned<S> for Dropout {
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        Box::new(PlannedDropout { shape: input, rate: self.rate, noise: builder.noise() })
    }
}

impl PlannedDropout {
    fn mask<S: Scalar>(&self, pass: Pass, from: &[S], to: &mut [S]) {
        let size = pass.batch.size(self.shape);
        let from = &from[..size];
        let to = &mut to[..size];
        if !pass.training {
            to.copy_from_slice(from);
            return;
        }
        let key = pass.noise.wrapping_add(self.noise.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let least = (self.rate * f64::from(1u32 << 24)) as u32;
        let scale = if self.rate < 1.0 { S::of(1.0 / (1.0 - self.rate)) } else { S::ZERO };
        masked(from, to, key as u32, (key >> 32) as u32, least, scale);
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedDropout {
    fn forward(&mut self, pass: Pass, _: &mut Parameters<'_, S>, input: Input<'_, S>, output: &mut [S]) {
        self.mask(pass, input.values, output);
    }

    fn backward(
        &mut self,
        pass: Pass,
        _: &mut Parameters<'_, S>,
        _: Input<'_, S>,
        _: &[S],
        d_output: &mut [S],
        d_input: Option<&mut [S]>,
        _: &mut dyn GradientSink<S>,
    ) {
        if let Some(d_input) = d_input {
            self.mask(pass, d_output, d_input);
        }
    }
}

/// Spreads a change of any bit over all bits, one to one.
#[inline(always)]
fn mixed(mut x: u32) -> u32 {
    x ^= x >> 16;
    x = x.wrapping_mul(0x7feb_352d);
    x ^= x >> 15;
    x = x.wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

for_each_set! {
    /// Scales the values whose random 24 bits are `least` or more, and drops the others.
    fn masked<S>(from: &[S], to: &mut [S], low: u32, high: u32, least: u32, scale: S) {
        for (index, (to, from)) in (0u32..).zip(to.iter_mut().zip(from)) {
            let random = mixed(mixed(index ^ low).wrapping_add(high));
            *to = if random >> 8 >= least { *from * scale } else { S::ZERO };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::batch::Batch;

    #[test]
    fn a_mask_has_its_rate_and_differs_by_step_and_layer() {
        let shape = Shape::Vector { features: 1000 };
        let layer = PlannedDropout { shape, rate: 0.3, noise: 1 };
        let pass = |noise| Pass { batch: Batch { samples: 160 }, training: true, noise };
        let ones = vec![1.0f32; 160_000];
        let masked = |layer: &PlannedDropout, noise| {
            let mut to = vec![0.0; ones.len()];
            layer.mask(pass(noise), &ones, &mut to);
            to
        };
        let first = masked(&layer, 5);
        let kept = first.iter().filter(|value| **value != 0.0).count() as f64 / first.len() as f64;
        // Six standard deviations of the fraction.
        assert!((kept - 0.7).abs() < 6.0 * (0.21f64 / 160_000.0).sqrt(), "{kept}");
        assert!(first.iter().all(|value| *value == 0.0 || *value == (1.0 / 0.7) as f32));
        let same = |other: &[f32]| {
            first.iter().zip(other).filter(|(a, b)| (**a == 0.0) == (**b == 0.0)).count() as f64 / 160_000.0
        };
        let agreement = 0.7f64 * 0.7 + 0.3 * 0.3;
        for other in [masked(&layer, 6), masked(&PlannedDropout { noise: 2, ..layer }, 5)] {
            assert!((same(&other) - agreement).abs() < 0.01, "{}", same(&other));
        }
    }
}
