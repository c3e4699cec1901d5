//! `activation`.

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::activation::{activate, activate_back};
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::Activation;
use crate::recipe::layers::activation::Elementwise;
use crate::recipe::shape::Shape;

struct PlannedActivation {
    function: Activation,
    shape: Shape,
}

impl<S: Scalar> Planned<S> for Elementwise {
    fn plan_layer(&self, input: Shape, _: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        Box::new(PlannedActivation { function: self.function, shape: input })
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedActivation {
    fn forward(&mut self, pass: Pass, _: &mut Parameters<'_, S>, input: Input<'_, S>, output: &mut [S]) {
        let size = pass.batch.size(self.shape);
        output[..size].copy_from_slice(&input.values[..size]);
        activate(self.function, &mut output[..size]);
    }

    fn backward(
        &mut self,
        pass: Pass,
        _: &mut Parameters<'_, S>,
        _: Input<'_, S>,
        output: &[S],
        d_output: &mut [S],
        d_input: Option<&mut [S]>,
        _: &mut dyn GradientSink<S>,
    ) {
        let Some(d_input) = d_input else { return };
        let size = pass.batch.size(self.shape);
        d_input[..size].copy_from_slice(&d_output[..size]);
        activate_back(self.function, &output[..size], &mut d_input[..size]);
    }
}
