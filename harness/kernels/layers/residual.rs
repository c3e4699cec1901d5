//! `residual`.

use super::builder::{PlanBuilder, Planned};
use super::chain::Chain;
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::activation::{activate, activate_back, add};
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::Activation;
use crate::recipe::layers::Layer;
use crate::recipe::layers::residual::{Projected, Residual};
use crate::recipe::shape::Shape;

struct PlannedResidual<S> {
    input: Shape,
    output: Shape,
    chain: Chain<S>,
    projection: Option<Box<dyn PlannedLayer<S>>>,
    projected: Vec<S>,
    d_projected: Vec<S>,
    activation: Activation,
}

impl<S: Scalar> Planned<S> for Residual<Layer> {
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        let chain = Chain::new(&self.layers, input, builder);
        let output = chain.output();
        let projection: Option<Box<dyn PlannedLayer<S>>> =
            match self.projection.map(|projection| projection.layer(input, output)) {
                Some(Projected::Conv(layer)) => Some(layer.plan_layer(input, builder)),
                Some(Projected::Dense(layer)) => Some(layer.plan_layer(input, builder)),
                None => None,
            };
        let projected = if projection.is_some() { builder.most.size(output) } else { 0 };
        let d_projected = if projection.is_some() { builder.most.size(input) } else { 0 };
        Box::new(PlannedResidual {
            input,
            output,
            chain,
            projection,
            projected: vec![S::ZERO; projected],
            d_projected: vec![S::ZERO; d_projected],
            activation: self.activation,
        })
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedResidual<S> {
    fn forward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &mut [S],
    ) {
        let size = pass.batch.size(self.output);
        let output = &mut output[..size];
        output.copy_from_slice(&self.chain.forward(pass, parameters, input)[..size]);
        match &mut self.projection {
            Some(projection) => {
                projection.forward(pass, parameters, input, &mut self.projected);
                add(output, &self.projected[..size]);
            }
            None => add(output, &input.values[..size]),
        }
        activate(self.activation, output);
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
        let size = pass.batch.size(self.output);
        let read = pass.batch.size(self.input);
        let d_output = &mut d_output[..size];
        activate_back(self.activation, &output[..size], d_output);
        self.chain.gradient()[..size].copy_from_slice(d_output);
        let Some(d_input) = d_input else {
            self.chain.backward(pass, parameters, input, None, sink);
            if let Some(projection) = &mut self.projection {
                projection.backward(pass, parameters, input, &self.projected, d_output, None, sink);
            }
            return;
        };
        self.chain.backward(pass, parameters, input, Some(&mut *d_input), sink);
        match &mut self.projection {
            Some(projection) => {
                let through = &mut self.d_projected;
                projection.backward(
                    pass,
                    parameters,
                    input,
                    &self.projected,
                    d_output,
                    Some(&mut *through),
                    sink,
                );
                add(&mut d_input[..read], &through[..read]);
            }
            None => add(&mut d_input[..read], d_output),
        }
    }
}
