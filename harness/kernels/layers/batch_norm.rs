//! `batch-norm` (Ioffe and Szegedy 2015).

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::batch::Batch;
use crate::kernels::features::{FeatureMap, FeatureTerms, map_pixels, sum_pixels};
use crate::kernels::isa::for_each_set;
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::real::Real;
use crate::kernels::vector::{Scalar, Single, Vector};
use crate::recipe::Convention;
use crate::recipe::layers::batch_norm::BatchNorm;
use crate::recipe::shape::Shape;

/// Normalizes each feature over the batch, and over the pixels or steps.
struct PlannedBatchNorm<S> {
    shape: Shape,
    features: usize,
    momentum: f64,
    eps: f64,
    /// Whether the biased variance of a batch goes into the running one.
    is_biased: bool,
    weight: usize,
    bias: usize,
    mean: usize,
    variance: usize,
    /// Of each feature: the mean and 1 / standard deviation of the batch.
    means: Vec<S>,
    inverses: Vec<S>,
    /// Two sums over the values of each feature, and room for one of them.
    totals: Vec<[f64; 2]>,
    sums: Vec<S>,
    /// What the gradients of a feature's values have in common: a factor, and their means.
    factors: Vec<S>,
    shares: Vec<S>,
    along: Vec<S>,
}

impl<S: Scalar> Planned<S> for BatchNorm {
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        let features = input.features() as usize;
        if input.values() == u64::from(input.features()) {
            builder.wants_two_samples();
        }
        let row = || vec![S::ZERO; features];
        Box::new(PlannedBatchNorm {
            shape: input,
            features,
            momentum: self.momentum,
            eps: self.eps,
            is_biased: match builder.convention {
                Convention::Torch => false,
                Convention::Keras | Convention::Tf1 => true,
            },
            weight: builder.parameter(),
            bias: builder.parameter(),
            mean: builder.buffer(),
            variance: builder.buffer(),
            means: row(),
            inverses: row(),
            totals: vec![[0.0; 2]; features],
            sums: row(),
            factors: row(),
            shares: row(),
            along: row(),
        })
    }
}

/// Returns where the values of one feature lie next to each other in vectors and sequences, with the feature.
#[inline(always)]
fn runs(batch: Batch, shape: Shape) -> impl Iterator<Item = (std::ops::Range<usize>, usize)> {
    let features = shape.features() as usize;
    let steps = shape.values() as usize / features;
    batch.steps(steps).flat_map(move |(block, step)| {
        let begin = block.step(step, steps, features).start;
        (0..features).map(move |feature| {
            let begin = begin + feature * block.lanes;
            (begin..begin + block.used, feature)
        })
    })
}

for_each_set! {
    /// Sets `totals`, of each feature, to the sums of the terms over the steps of vectors or sequences.
    fn sum_lanes<S, T: FeatureTerms>(
        batch: Batch,
        shape: Shape,
        pairs: [&[S]; 2],
        rows: [&[S]; 2],
        totals: &mut [[f64; 2]],
    ) {
        totals.fill([0.0; 2]);
        for (places, feature) in runs(batch, shape) {
            let mut sum = [S::ZERO; 2];
            let numbers = [Single(rows[0][feature]), Single(rows[1][feature])];
            for (one, other) in pairs[0][places.clone()].iter().zip(&pairs[1][places]) {
                // SAFETY: a single number is of every instruction set.
                let [first, second] = unsafe { T::of([Single(*one), Single(*other)], numbers) };
                sum = [sum[0] + first.0, sum[1] + second.0];
            }
            let total = &mut totals[feature];
            *total = [total[0] + sum[0].to_f64(), total[1] + sum[1].to_f64()];
        }
    }

    /// Sets each value of vectors or sequences to the function of a pair of values, and what fills up a block to 0.
    fn map_lanes<S, M: FeatureMap>(batch: Batch, shape: Shape, pairs: [&[S]; 2], rows: [&[S]; 5], to: &mut [S]) {
        to.fill(S::ZERO);
        for (places, feature) in runs(batch, shape) {
            let mut numbers = [Single(S::ZERO); 5];
            for (number, row) in numbers.iter_mut().zip(rows) {
                *number = Single(row[feature]);
            }
            let pairs = pairs[0][places.clone()].iter().zip(&pairs[1][places.clone()]);
            for (to, (one, other)) in to[places].iter_mut().zip(pairs) {
                // SAFETY: a single number is of every instruction set.
                *to = unsafe { M::of([Single(*one), Single(*other)], numbers) }.0;
            }
        }
    }
}

/// The value alone, for the mean.
struct ValueTerms;
/// The square of the value's distance from the mean.
struct SquareTerms;
/// The gradient, and its product with the normalized value.
struct GradientTerms;

impl FeatureTerms for ValueTerms {
    #[inline(always)]
    unsafe fn of<V: Vector>([x, _]: [V; 2], _: [V; 2]) -> [V; 2] {
        // SAFETY: the caller's.
        [x, unsafe { V::splat(V::Number::ZERO) }]
    }
}

impl FeatureTerms for SquareTerms {
    #[inline(always)]
    unsafe fn of<V: Vector>([x, _]: [V; 2], [mean, _]: [V; 2]) -> [V; 2] {
        // SAFETY: the caller's.
        unsafe {
            let distance = x.minus(mean);
            [distance.times(distance), V::splat(V::Number::ZERO)]
        }
    }
}

impl FeatureTerms for GradientTerms {
    #[inline(always)]
    unsafe fn of<V: Vector>([x, d]: [V; 2], [mean, inverse]: [V; 2]) -> [V; 2] {
        // SAFETY: the caller's.
        [d, unsafe { d.times(x.minus(mean).times(inverse)) }]
    }
}

/// The normalized value, scaled and shifted.
struct Normalized;
/// The gradient of the value.
struct ValueGradient;

impl FeatureMap for Normalized {
    #[inline(always)]
    unsafe fn of<V: Vector>([x, _]: [V; 2], [mean, inverse, weight, bias, _]: [V; 5]) -> V {
        // SAFETY: the caller's.
        unsafe { bias.plus_product(x.minus(mean).times(inverse), weight) }
    }
}

impl FeatureMap for ValueGradient {
    #[inline(always)]
    unsafe fn of<V: Vector>([x, d]: [V; 2], [mean, inverse, factor, share, along]: [V; 5]) -> V {
        // SAFETY: the caller's.
        unsafe {
            let normal = x.minus(mean).times(inverse);
            factor.times(d.minus(share).minus(normal.times(along)))
        }
    }
}

impl<S: Scalar> PlannedBatchNorm<S> {
    /// Sums terms of pairs of values, and of the mean and inverse of their feature, into `totals`.
    fn sum<T: FeatureTerms>(&mut self, batch: Batch, pairs: [&[S]; 2]) {
        let pairs = [&pairs[0][..batch.size(self.shape)], &pairs[1][..batch.size(self.shape)]];
        let rows = [&self.means[..], &self.inverses];
        if self.shape.is_image() {
            sum_pixels::<T, S>(pairs, rows, &mut self.totals);
        } else {
            sum_lanes::<S, T>(batch, self.shape, pairs, rows, &mut self.totals);
        }
    }

    /// Sets each value to a function of a pair of values, and of the mean and inverse of their feature and three more numbers.
    fn map<M: FeatureMap>(&self, batch: Batch, pairs: [&[S]; 2], rows: [&[S]; 3], to: &mut [S]) {
        let to = &mut to[..batch.size(self.shape)];
        let rows = [&self.means, &self.inverses, rows[0], rows[1], rows[2]];
        if self.shape.is_image() {
            map_pixels::<M, S>(pairs, rows, to);
        } else {
            map_lanes::<S, M>(batch, self.shape, pairs, rows, to);
        }
    }

    /// Returns how many values of a batch each feature has.
    fn count(&self, batch: Batch) -> f64 {
        (batch.samples * (self.shape.values() as usize / self.features)) as f64
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedBatchNorm<S> {
    fn forward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &mut [S],
    ) {
        let pairs = [input.values; 2];
        if pass.training {
            let count = self.count(pass.batch);
            self.sum::<ValueTerms>(pass.batch, pairs);
            for (mean, total) in self.means.iter_mut().zip(&self.totals) {
                *mean = S::of(total[0] / count);
            }
            self.sum::<SquareTerms>(pass.batch, pairs);
            for feature in 0..self.features {
                let squares = self.totals[feature][0];
                self.inverses[feature] = S::of(1.0 / (squares / count + self.eps).sqrt());
                let keep = |buffer: &mut S, value: f64| {
                    *buffer = S::of(buffer.to_f64() + self.momentum * (value - buffer.to_f64()));
                };
                keep(&mut parameters.buffers[self.mean][feature], self.means[feature].to_f64());
                keep(
                    &mut parameters.buffers[self.variance][feature],
                    squares / if self.is_biased { count } else { count - 1.0 },
                );
            }
        } else {
            self.means.copy_from_slice(parameters.buffers[self.mean]);
            for (inverse, variance) in self.inverses.iter_mut().zip(&*parameters.buffers[self.variance]) {
                *inverse = S::of(1.0 / (variance.to_f64() + self.eps).sqrt());
            }
        }
        let weight = &*parameters.values[self.weight];
        let bias = &*parameters.values[self.bias];
        self.map::<Normalized>(pass.batch, pairs, [weight, bias, bias], output);
    }

    fn backward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        _: &[S],
        d_output: &mut [S],
        d_input: Option<&mut [S]>,
        sink: &mut dyn GradientSink<S>,
    ) {
        let pairs = [input.values, &*d_output];
        self.sum::<GradientTerms>(pass.batch, pairs);
        let count = self.count(pass.batch);
        if let Some(d_input) = d_input {
            let weight = &*parameters.values[self.weight];
            for (factor, (weight, inverse)) in self.factors.iter_mut().zip(weight.iter().zip(&self.inverses))
            {
                *factor = *weight * *inverse;
            }
            for ((share, along), total) in self.shares.iter_mut().zip(&mut self.along).zip(&self.totals) {
                [*share, *along] = total.map(|total| S::of(total / count));
            }
            let rows = [&self.factors[..], &self.shares, &self.along];
            self.map::<ValueGradient>(pass.batch, pairs, rows, d_input);
        }
        for (index, part) in [(self.weight, 1), (self.bias, 0)] {
            for (sum, total) in self.sums.iter_mut().zip(&self.totals) {
                *sum = S::of(total[part]);
            }
            sink.take(parameters, index, 0, &self.sums);
        }
    }
}
