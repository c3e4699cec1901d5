//! `batch-norm` (Ioffe and Szegedy 2015).

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::batch::Batch;
use crate::kernels::isa::for_each_set;
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::Convention;
use crate::recipe::layers::batch_norm::BatchNorm;
use crate::recipe::shape::Shape;

/// Pixels whose sum is made before it is added to the others, in 64 bits.
const RUN: usize = 64;

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
    /// Two sums over the values of each feature, and room for them.
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
            sums: vec![S::ZERO; 2 * features],
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
    /// Sums two functions of pairs of values and two numbers of their feature, over the pixels of images; `sums` is room for
    /// two numbers a feature.
    fn sum_pixels<S>(
        pairs: [&[S]; 2],
        rows: [&[S]; 2],
        of: impl Fn([S; 2], [S; 2]) -> [S; 2],
        sums: &mut [S],
        totals: &mut [[f64; 2]],
    ) {
        let features = totals.len();
        let rows = rows.map(|row| &row[..features]);
        totals.fill([0.0; 2]);
        let (firsts, seconds) = sums.split_at_mut(features);
        for (one, other) in pairs[0].chunks(RUN * features).zip(pairs[1].chunks(RUN * features)) {
            firsts.fill(S::ZERO);
            seconds.fill(S::ZERO);
            for (one, other) in one.chunks_exact(features).zip(other.chunks_exact(features)) {
                let seconds = &mut seconds[..features];
                for feature in 0..features {
                    let numbers = [rows[0][feature], rows[1][feature]];
                    let [first, second] = of([one[feature], other[feature]], numbers);
                    firsts[feature] += first;
                    seconds[feature] += second;
                }
            }
            for (total, (first, second)) in totals.iter_mut().zip(firsts.iter().zip(&*seconds)) {
                *total = [total[0] + first.to_f64(), total[1] + second.to_f64()];
            }
        }
    }

    /// Sums the same over the steps of vectors or sequences.
    fn sum_lanes<S>(
        batch: Batch,
        shape: Shape,
        pairs: [&[S]; 2],
        rows: [&[S]; 2],
        of: impl Fn([S; 2], [S; 2]) -> [S; 2],
        totals: &mut [[f64; 2]],
    ) {
        totals.fill([0.0; 2]);
        for (places, feature) in runs(batch, shape) {
            let mut sum = [S::ZERO; 2];
            let numbers = [rows[0][feature], rows[1][feature]];
            for (one, other) in pairs[0][places.clone()].iter().zip(&pairs[1][places]) {
                let [first, second] = of([*one, *other], numbers);
                sum = [sum[0] + first, sum[1] + second];
            }
            let total = &mut totals[feature];
            *total = [total[0] + sum[0].to_f64(), total[1] + sum[1].to_f64()];
        }
    }

    /// Sets each value of images to a function of a pair of values and five numbers of their feature.
    fn map_pixels<S>(
        pairs: [&[S]; 2],
        rows: [&[S]; 5],
        of: impl Fn([S; 2], [S; 5]) -> S,
        to: &mut [S],
    ) {
        let features = rows[0].len();
        let [first, second, third, fourth, fifth] = rows.map(|row| &row[..features]);
        let pairs = pairs[0].chunks_exact(features).zip(pairs[1].chunks_exact(features));
        for (to, (one, other)) in to.chunks_exact_mut(features).zip(pairs) {
            for feature in 0..features {
                // An array's `map` would be called for each value, and keep the loop from becoming one over vectors.
                let numbers =
                    [first[feature], second[feature], third[feature], fourth[feature], fifth[feature]];
                to[feature] = of([one[feature], other[feature]], numbers);
            }
        }
    }

    /// Sets each value of vectors or sequences to the same, and what fills up a block to 0.
    fn map_lanes<S>(
        batch: Batch,
        shape: Shape,
        pairs: [&[S]; 2],
        rows: [&[S]; 5],
        of: impl Fn([S; 2], [S; 5]) -> S,
        to: &mut [S],
    ) {
        to.fill(S::ZERO);
        let [first, second, third, fourth, fifth] = rows;
        for (places, feature) in runs(batch, shape) {
            let numbers =
                [first[feature], second[feature], third[feature], fourth[feature], fifth[feature]];
            let pairs = pairs[0][places.clone()].iter().zip(&pairs[1][places.clone()]);
            for (to, (one, other)) in to[places].iter_mut().zip(pairs) {
                *to = of([*one, *other], numbers);
            }
        }
    }
}

impl<S: Scalar> PlannedBatchNorm<S> {
    /// Sums two functions of pairs of values, and of the mean and inverse of their feature, into `totals`.
    fn sum(&mut self, batch: Batch, pairs: [&[S]; 2], of: impl Fn([S; 2], [S; 2]) -> [S; 2]) {
        let pairs = pairs.map(|values| &values[..batch.size(self.shape)]);
        let rows = [&self.means[..], &self.inverses];
        if self.shape.is_image() {
            sum_pixels(pairs, rows, of, &mut self.sums, &mut self.totals);
        } else {
            sum_lanes(batch, self.shape, pairs, rows, of, &mut self.totals);
        }
    }

    /// Sets each value to a function of a pair of values, and of the mean and inverse of their feature and three more numbers.
    fn map(
        &self,
        batch: Batch,
        pairs: [&[S]; 2],
        rows: [&[S]; 3],
        of: impl Fn([S; 2], [S; 5]) -> S,
        to: &mut [S],
    ) {
        let to = &mut to[..batch.size(self.shape)];
        let rows = [&self.means, &self.inverses, rows[0], rows[1], rows[2]];
        if self.shape.is_image() {
            map_pixels(pairs, rows, of, to);
        } else {
            map_lanes(batch, self.shape, pairs, rows, of, to);
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
            self.sum(pass.batch, pairs, |[x, _], _| [x, S::ZERO]);
            for (mean, total) in self.means.iter_mut().zip(&self.totals) {
                *mean = S::of(total[0] / count);
            }
            self.sum(pass.batch, pairs, |[x, _], [mean, _]| {
                let d = x - mean;
                [d * d, S::ZERO]
            });
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
        let normalized = |[x, _]: [S; 2], [mean, inverse, weight, bias, _]: [S; 5]| {
            ((x - mean) * inverse).mul_add(weight, bias)
        };
        self.map(pass.batch, pairs, [weight, bias, bias], normalized, output);
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
        self.sum(pass.batch, pairs, |[x, d], [mean, inverse]| [d, d * ((x - mean) * inverse)]);
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
            let gradient = |[x, d]: [S; 2], [mean, inverse, factor, share, along]: [S; 5]| {
                let normal = (x - mean) * inverse;
                factor * (d - share - normal * along)
            };
            let rows = [&self.factors[..], &self.shares, &self.along];
            self.map(pass.batch, pairs, rows, gradient, d_input);
        }
        for (index, part) in [(self.weight, 1), (self.bias, 0)] {
            for (sum, total) in self.sums.iter_mut().zip(&self.totals) {
                *sum = S::of(total[part]);
            }
            sink.take(parameters, index, 0, &self.sums[..self.features]);
        }
    }
}
