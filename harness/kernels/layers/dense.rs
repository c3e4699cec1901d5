//! `dense`.

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::activation::{activate, activate_back};
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::product::{GROUP, STRIP, Start, Target, product};
use crate::kernels::vector::Scalar;
use crate::kernels::weights::{Segment, Turned, back, bias_gradient, forward, outer};
use crate::recipe::Activation;
use crate::recipe::layers::dense::Dense;
use crate::recipe::shape::Shape;

/// The gradients of so many rows of weights are handed on at once where they are handed on in parts.
const ROWS: usize = 28;

struct PlannedDense<S> {
    inputs: usize,
    units: usize,
    /// The steps of a sequence; 1 for vectors.
    steps: usize,
    activation: Activation,
    weight: usize,
    bias: Option<usize>,
    gradient: Vec<S>,
    turned: Turned<S>,
}

impl<S: Scalar> Planned<S> for Dense {
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        let steps = match input {
            Shape::Sequence { steps, .. } => steps as usize,
            _ => 1,
        };
        Box::new(PlannedDense {
            inputs: input.features() as usize,
            units: self.units as usize,
            steps,
            activation: self.activation,
            weight: builder.parameter(),
            bias: self.bias.then(|| builder.parameter()),
            gradient: Vec::new(),
            turned: Turned::default(),
        })
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedDense<S> {
    fn forward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &mut [S],
    ) {
        let PlannedDense { inputs, units, steps, .. } = *self;
        let weight = &*parameters.values[self.weight];
        for (block, step) in pass.batch.steps(steps) {
            let lanes = block.lanes;
            let values = &input.values[block.step(step, steps, inputs)];
            let output = &mut output[block.step(step, steps, units)];
            let start = self.bias.map_or(Start::Zero, |bias| Start::Bias(parameters.values[bias]));
            let terms = [forward(weight, inputs, values, lanes)];
            product(units, lanes, &terms, start, Target { c: output, row: lanes });
            activate(self.activation, output);
        }
    }

    fn backward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &[S],
        d_output: &mut [S],
        d_input: Option<&mut [S]>,
        sink: &mut dyn GradientSink<S>,
    ) {
        let PlannedDense { inputs, units, steps, .. } = *self;
        let size = pass.batch.padded() * steps * units;
        activate_back(self.activation, &output[..size], &mut d_output[..size]);
        let d_output = &*d_output;
        if let Some(d_input) = d_input {
            let weight = &*parameters.values[self.weight];
            for (block, step) in pass.batch.steps(steps) {
                let lanes = block.lanes;
                let gradients = &d_output[block.step(step, steps, units)];
                let terms = [back(weight, inputs, gradients, units, lanes)];
                let c = &mut d_input[block.step(step, steps, inputs)];
                product(inputs, lanes, &terms, Start::Zero, Target { c, row: lanes });
            }
        }
        if let Some(bias) = self.bias {
            self.gradient.resize(self.gradient.len().max(units), S::ZERO);
            let to = &mut self.gradient[..units];
            let segments = pass
                .batch
                .steps(steps)
                .map(|(block, step)| (&d_output[block.step(step, steps, units)], block.lanes));
            bias_gradient(segments, to);
            sink.take(parameters, bias, 0, to);
        }
        match input.rows.filter(|_| pass.batch.samples == pass.batch.padded() && inputs.is_multiple_of(GROUP))
        {
            Some(rows) => self.by_rows(pass, parameters, rows, d_output, sink),
            None => {
                self.gradient.resize(self.gradient.len().max(units * inputs), S::ZERO);
                let to = &mut self.gradient[..units * inputs];
                let segments = pass.batch.steps(steps).map(|(block, step)| Segment {
                    inputs: &input.values[block.step(step, steps, inputs)],
                    gradients: &d_output[block.step(step, steps, units)],
                    lanes: block.lanes,
                });
                self.turned.weight_gradient(units, inputs, segments, to);
                sink.take(parameters, self.weight, 0, to);
            }
        }
    }
}

impl<S: Scalar> PlannedDense<S> {
    /// Hands on the gradients of some rows of weights at a time, while they are in the nearest cache.
    fn by_rows(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        rows: &[S],
        d_output: &[S],
        sink: &mut dyn GradientSink<S>,
    ) {
        let PlannedDense { inputs, units, .. } = *self;
        self.gradient.resize(self.gradient.len().max(ROWS * inputs), S::ZERO);
        for first in (0..units).step_by(ROWS) {
            let count = ROWS.min(units - first);
            let to = &mut self.gradient[..count * inputs];
            for column in (0..inputs).step_by(STRIP) {
                let columns = STRIP.min(inputs - column);
                for block in pass.batch.blocks() {
                    let gradients = &d_output[block.at(units)][first * block.lanes..];
                    let terms =
                        [outer(gradients, block.lanes, &rows[block.start * inputs + column..], inputs)];
                    let start = if block.start == 0 { Start::Zero } else { Start::Add };
                    product(count, columns, &terms, start, Target { c: &mut to[column..], row: inputs });
                }
            }
            sink.take(parameters, self.weight, first * inputs, to);
        }
    }
}
