//! `batch-norm` (Ioffe and Szegedy 2015) and `layer-norm` (Ba, Kiros and Hinton 2016).

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::Convention;
use crate::recipe::layers::batch_norm::BatchNorm;
use crate::recipe::layers::layer_norm::LayerNorm;
use crate::recipe::shape::Shape;

/// Rows of a sum that are added up before they are added to the others, in 64 bits.
const RUN: usize = 64;

/// Normalizes each feature over the batch, and over the pixels or steps.
struct PlannedBatchNorm<S> {
    shape: Shape,
    momentum: f64,
    eps: f64,
    /// Whether the biased variance of a batch goes into the running one.
    is_biased: bool,
    weight: usize,
    bias: usize,
    mean: usize,
    variance: usize,
    /// Of each feature: the mean and 1 / standard deviation of the batch, and what is computed on the way.
    means: Vec<S>,
    inverses: Vec<S>,
    sums: Vec<S>,
    totals: Vec<[f64; 2]>,
}

impl<S: Scalar> Planned<S> for BatchNorm {
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        let features = input.features() as usize;
        if input.values() == u64::from(input.features()) {
            builder.wants_two_samples();
        }
        Box::new(PlannedBatchNorm {
            shape: input,
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
            means: vec![S::ZERO; features],
            inverses: vec![S::ZERO; features],
            sums: vec![S::ZERO; 2 * features],
            totals: vec![[0.0; 2]; features],
        })
    }
}

/// Calls `body` with each run of values of one feature that lie next to each other in vectors and sequences, and the
/// feature.
fn runs(pass: Pass, shape: Shape, mut body: impl FnMut(std::ops::Range<usize>, usize)) {
    let features = shape.features() as usize;
    let steps = shape.values() as usize / features;
    for (block, step) in pass.batch.steps(steps) {
        let begin = block.step(step, steps, features).start;
        for feature in 0..features {
            let begin = begin + feature * block.lanes;
            body(begin..begin + block.used, feature);
        }
    }
}

impl<S: Scalar> PlannedBatchNorm<S> {
    /// Sums two functions of each value and its place over the values of each feature, into `totals`.
    fn sum(&mut self, pass: Pass, of: impl Fn(usize, usize) -> [S; 2]) {
        let features = self.means.len();
        let totals = &mut self.totals;
        totals.fill([0.0; 2]);
        if !self.shape.is_image() {
            runs(pass, self.shape, |places, feature| {
                let mut sum = [S::ZERO; 2];
                for place in places {
                    let [first, second] = of(place, feature);
                    sum = [sum[0] + first, sum[1] + second];
                }
                totals[feature] =
                    [totals[feature][0] + sum[0].to_f64(), totals[feature][1] + sum[1].to_f64()];
            });
            return;
        }
        let rows = pass.batch.size(self.shape) / features;
        for first_row in (0..rows).step_by(RUN) {
            self.sums.fill(S::ZERO);
            let (firsts, seconds) = self.sums.split_at_mut(features);
            for row in first_row..rows.min(first_row + RUN) {
                for feature in 0..features {
                    let [first, second] = of(row * features + feature, feature);
                    firsts[feature] += first;
                    seconds[feature] += second;
                }
            }
            for (total, (first, second)) in totals.iter_mut().zip(firsts.iter().zip(&*seconds)) {
                *total = [total[0] + first.to_f64(), total[1] + second.to_f64()];
            }
        }
    }

    /// Sets each value to a function of its place and feature.
    fn map(&self, pass: Pass, to: &mut [S], of: impl Fn(usize, usize) -> S) {
        if !self.shape.is_image() {
            to[..pass.batch.size(self.shape)].fill(S::ZERO);
            runs(pass, self.shape, |places, feature| {
                for place in places {
                    to[place] = of(place, feature);
                }
            });
            return;
        }
        let features = self.means.len();
        let size = pass.batch.size(self.shape);
        for (row, to) in to[..size].chunks_exact_mut(features).enumerate() {
            for (feature, to) in to.iter_mut().enumerate() {
                *to = of(row * features + feature, feature);
            }
        }
    }

    fn count(&self, pass: Pass) -> f64 {
        (pass.batch.samples * (self.shape.values() as usize / self.means.len())) as f64
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
        let x = input.values;
        if pass.training {
            let count = self.count(pass);
            self.sum(pass, |place, _| [x[place], S::ZERO]);
            for (mean, total) in self.means.iter_mut().zip(&self.totals) {
                *mean = S::of(total[0] / count);
            }
            let means = std::mem::take(&mut self.means);
            self.means = vec![S::ZERO; means.len()];
            self.sum(pass, |place, feature| {
                let d = x[place] - means[feature];
                [d * d, S::ZERO]
            });
            self.means = means;
            for feature in 0..self.means.len() {
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
        let PlannedBatchNorm { means, inverses, .. } = &*self;
        self.map(pass, output, |place, feature| {
            ((x[place] - means[feature]) * inverses[feature]).mul_add(weight[feature], bias[feature])
        });
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
        let x = input.values;
        let d = &*d_output;
        let means = self.means.clone();
        let inverses = self.inverses.clone();
        self.sum(pass, |place, feature| {
            [d[place], d[place] * ((x[place] - means[feature]) * inverses[feature])]
        });
        let count = self.count(pass);
        if let Some(d_input) = d_input {
            let shares: Vec<[S; 2]> =
                self.totals.iter().map(|total| total.map(|total| S::of(total / count))).collect();
            let weight = &*parameters.values[self.weight];
            self.map(pass, d_input, |place, feature| {
                let normal = (x[place] - means[feature]) * inverses[feature];
                let [mean, along] = shares[feature];
                weight[feature] * inverses[feature] * (d[place] - mean - normal * along)
            });
        }
        for (index, part) in [(self.weight, 1), (self.bias, 0)] {
            let gradient: Vec<S> = self.totals.iter().map(|total| S::of(total[part])).collect();
            sink.take(parameters, index, 0, &gradient);
        }
    }
}

/// Normalizes the features of each sample and step.
struct PlannedLayerNorm<S> {
    features: usize,
    steps: usize,
    eps: f64,
    weight: usize,
    bias: usize,
    d_weight: Vec<S>,
    d_bias: Vec<S>,
}

impl<S: Scalar> Planned<S> for LayerNorm {
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        let features = input.features() as usize;
        Box::new(PlannedLayerNorm {
            features,
            steps: input.values() as usize / features,
            eps: self.eps,
            weight: builder.parameter(),
            bias: builder.parameter(),
            d_weight: vec![S::ZERO; features],
            d_bias: vec![S::ZERO; features],
        })
    }
}

/// Returns the mean of each lane's features and 1 / their standard deviation.
fn moments<S: Scalar>(values: &[S], features: usize, lanes: usize, eps: f64) -> [[S; super::WIDEST]; 2] {
    let count = S::of(1.0 / features as f64);
    let mut means = [S::ZERO; super::WIDEST];
    for row in values.chunks_exact(lanes) {
        means.iter_mut().zip(row).for_each(|(mean, value)| *mean += *value);
    }
    means.iter_mut().for_each(|mean| *mean *= count);
    let mut inverses = [S::ZERO; super::WIDEST];
    for row in values.chunks_exact(lanes) {
        for ((sum, mean), value) in inverses.iter_mut().zip(&means).zip(row) {
            let d = *value - *mean;
            *sum = d.mul_add(d, *sum);
        }
    }
    let eps = S::of(eps);
    inverses.iter_mut().for_each(|sum| *sum = S::ONE / sum.mul_add(count, eps).sqrt());
    [means, inverses]
}

impl<S: Scalar> PlannedLayer<S> for PlannedLayerNorm<S> {
    fn forward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &mut [S],
    ) {
        let PlannedLayerNorm { features, steps, eps, .. } = *self;
        let weight = &*parameters.values[self.weight];
        let bias = &*parameters.values[self.bias];
        for (block, step) in pass.batch.steps(steps) {
            let range = block.step(step, steps, features);
            let [means, inverses] = moments(&input.values[range.clone()], features, block.lanes, eps);
            let rows = output[range.clone()].chunks_exact_mut(block.lanes);
            let pairs = rows.zip(input.values[range].chunks_exact(block.lanes));
            for ((to, from), (weight, bias)) in pairs.zip(weight.iter().zip(bias)) {
                for lane in 0..block.lanes {
                    to[lane] = ((from[lane] - means[lane]) * inverses[lane]).mul_add(*weight, *bias);
                }
            }
        }
    }

    fn backward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        _: &[S],
        d_output: &mut [S],
        mut d_input: Option<&mut [S]>,
        sink: &mut dyn GradientSink<S>,
    ) {
        let PlannedLayerNorm { features, steps, eps, .. } = *self;
        self.d_weight.fill(S::ZERO);
        self.d_bias.fill(S::ZERO);
        let weight = &*parameters.values[self.weight];
        let share = S::of(1.0 / features as f64);
        for (block, step) in pass.batch.steps(steps) {
            let range = block.step(step, steps, features);
            let x = &input.values[range.clone()];
            let d = &d_output[range.clone()];
            let lanes = block.lanes;
            let [means, inverses] = moments(x, features, lanes, eps);
            let normal =
                |feature: usize, lane: usize| (x[feature * lanes + lane] - means[lane]) * inverses[lane];
            let mut mean = [S::ZERO; super::WIDEST];
            let mut along = [S::ZERO; super::WIDEST];
            for feature in 0..features {
                let mut sums = [S::ZERO; 2];
                for lane in 0..block.used {
                    let d = d[feature * lanes + lane];
                    let normal = normal(feature, lane);
                    sums = [sums[0] + d, sums[1] + d * normal];
                    mean[lane] += d * weight[feature];
                    along[lane] += d * weight[feature] * normal;
                }
                self.d_bias[feature] += sums[0];
                self.d_weight[feature] += sums[1];
            }
            let Some(d_input) = d_input.as_deref_mut() else { continue };
            let to = &mut d_input[range];
            for feature in 0..features {
                for lane in 0..lanes {
                    let whole = d[feature * lanes + lane] * weight[feature]
                        - (mean[lane] + normal(feature, lane) * along[lane]) * share;
                    to[feature * lanes + lane] = whole * inverses[lane];
                }
            }
        }
        sink.take(parameters, self.weight, 0, &self.d_weight);
        sink.take(parameters, self.bias, 0, &self.d_bias);
    }
}
