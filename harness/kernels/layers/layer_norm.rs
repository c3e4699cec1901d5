//! `layer-norm` (Ba, Kiros and Hinton 2016).

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::batch::WIDEST;
use crate::kernels::isa::for_each_set;
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::layers::layer_norm::LayerNorm;
use crate::recipe::shape::Shape;

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
#[inline(always)]
fn moments<S: Scalar>(values: &[S], features: usize, lanes: usize, eps: f64) -> [[S; WIDEST]; 2] {
    let count = S::of(1.0 / features as f64);
    let mut means = [S::ZERO; WIDEST];
    for row in values.chunks_exact(lanes) {
        means.iter_mut().zip(row).for_each(|(mean, value)| *mean += *value);
    }
    means.iter_mut().for_each(|mean| *mean *= count);
    let mut inverses = [S::ZERO; WIDEST];
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

for_each_set! {
    /// Normalizes the features of each lane, rows of `lanes` numbers.
    fn normalize<S>(from: &[S], lanes: usize, eps: f64, weight: &[S], bias: &[S], to: &mut [S]) {
        let [means, inverses] = moments(from, weight.len(), lanes, eps);
        let rows = to.chunks_exact_mut(lanes).zip(from.chunks_exact(lanes));
        for ((to, from), (weight, bias)) in rows.zip(weight.iter().zip(bias)) {
            let lanes = means.iter().zip(&inverses);
            for ((to, from), (mean, inverse)) in to.iter_mut().zip(from).zip(lanes) {
                *to = ((*from - *mean) * *inverse).mul_add(*weight, *bias);
            }
        }
    }

    /// Adds the gradients of weights and biases, of which the first `used` lanes have a part, and sets those of the inputs.
    fn normalize_back<S>(
        x: &[S],
        d: &[S],
        lanes: usize,
        used: usize,
        eps: f64,
        weight: &[S],
        d_weight: &mut [S],
        d_bias: &mut [S],
        to: Option<&mut [S]>,
    ) {
        let features = weight.len();
        let share = S::of(1.0 / features as f64);
        let [means, inverses] = moments(x, features, lanes, eps);
        let mut mean = [S::ZERO; WIDEST];
        let mut along = [S::ZERO; WIDEST];
        let mut normal = [S::ZERO; WIDEST];
        for (feature, (x, d)) in x.chunks_exact(lanes).zip(d.chunks_exact(lanes)).enumerate() {
            let mut sums = [S::ZERO; 2];
            for lane in 0..lanes {
                normal[lane] = (x[lane] - means[lane]) * inverses[lane];
                let weighted = d[lane] * weight[feature];
                mean[lane] += weighted;
                along[lane] += weighted * normal[lane];
            }
            for lane in 0..used {
                sums = [sums[0] + d[lane], sums[1] + d[lane] * normal[lane]];
            }
            d_bias[feature] += sums[0];
            d_weight[feature] += sums[1];
        }
        let Some(to) = to else { return };
        let rows = x.chunks_exact(lanes).zip(d.chunks_exact(lanes));
        for ((to, (x, d)), weight) in to.chunks_exact_mut(lanes).zip(rows).zip(weight) {
            for lane in 0..lanes {
                let normal = (x[lane] - means[lane]) * inverses[lane];
                let whole = d[lane] * *weight - (mean[lane] + normal * along[lane]) * share;
                to[lane] = whole * inverses[lane];
            }
        }
    }
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
            normalize(&input.values[range.clone()], block.lanes, eps, weight, bias, &mut output[range]);
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
        for (block, step) in pass.batch.steps(steps) {
            let range = block.step(step, steps, features);
            normalize_back(
                &input.values[range.clone()],
                &d_output[range.clone()],
                block.lanes,
                block.used,
                eps,
                parameters.values[self.weight],
                &mut self.d_weight,
                &mut self.d_bias,
                d_input.as_deref_mut().map(|d_input| &mut d_input[range]),
            );
        }
        sink.take(parameters, self.weight, 0, &self.d_weight);
        sink.take(parameters, self.bias, 0, &self.d_bias);
    }
}
