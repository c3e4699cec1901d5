//! `residual`.

use tch::Tensor;

use super::activation::activate;
use super::builder::Builder;
use super::kind::{Build, Forward};
use crate::engine::error::Error;
use crate::recipe::Activation;
use crate::recipe::layers::residual::{Projected, Residual};
use crate::recipe::layers::{LayerKind, Place};
use crate::recipe::shape::Shape;

struct BuiltResidual {
    chain: Vec<Box<dyn Forward>>,
    projection: Option<Box<dyn Forward>>,
    activation: Activation,
}

impl<L: Build + LayerKind> Build for Residual<L> {
    fn build(&self, prefix: &str, input: Shape, builder: &mut Builder) -> Result<Box<dyn Forward>, Error> {
        let convention = builder.convention;
        let mut chain = Vec::with_capacity(self.layers.len());
        let mut output = input;
        for (index, layer) in self.layers.iter().enumerate() {
            chain.push(layer.build(&format!("{prefix}.{index}"), output, builder)?);
            let rows = layer.plan(Place { index, kind: layer.word(), input: output, convention })?;
            output = rows.last().map_or(output, |row| row.output);
        }
        let name = format!("{prefix}.projection");
        let projection = match self.projection.map(|projection| projection.layer(input, output)) {
            Some(Projected::Conv(layer)) => Some(layer.build(&name, input, builder)?),
            Some(Projected::Dense(layer)) => Some(layer.build(&name, input, builder)?),
            None => None,
        };
        Ok(Box::new(BuiltResidual { chain, projection, activation: self.activation }))
    }
}

impl Forward for BuiltResidual {
    fn forward(&self, x: Tensor, training: bool) -> Result<Tensor, Error> {
        let mut y = x.shallow_clone();
        for layer in &self.chain {
            y = layer.forward(y, training)?;
        }
        let shortcut = match &self.projection {
            Some(projection) => projection.forward(x, training)?,
            None => x,
        };
        activate(y.f_add(&shortcut)?, self.activation)
    }
}
