//! The layers of the planned step: a file each, or one for a few that share their loops, as in [`crate::recipe::layers`].

pub mod activation;
pub mod batch_norm;
mod builder;
mod chain;
pub mod conv;
pub mod dense;
mod direction;
pub mod dropout;
mod epilogue;
mod kind;
pub mod layer_norm;
pub mod pooling;
pub mod rearrange;
pub mod recurrent;
pub mod residual;
mod winograd;

pub use builder::{PlanBuilder, Planned};
pub use chain::Chain;
pub use kind::{Input, Pass, PlannedLayer};

use super::batch::WIDEST;
use super::vector::Scalar;
use crate::recipe::layers::Layer;
use crate::recipe::shape::Shape;

impl<S: Scalar> Planned<S> for Layer {
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        match self {
            Layer::Flatten(layer) => layer.plan_layer(input, builder),
            Layer::Dense(layer) => layer.plan_layer(input, builder),
            Layer::Conv(layer) => layer.plan_layer(input, builder),
            Layer::BatchNorm(layer) => layer.plan_layer(input, builder),
            Layer::LayerNorm(layer) => layer.plan_layer(input, builder),
            Layer::MaxPool(layer) => layer.plan_layer(input, builder),
            Layer::AvgPool(layer) => layer.plan_layer(input, builder),
            Layer::GlobalAvgPool(layer) => layer.plan_layer(input, builder),
            Layer::Dropout(layer) => layer.plan_layer(input, builder),
            Layer::Activation(layer) => layer.plan_layer(input, builder),
            Layer::Sequence(layer) => layer.plan_layer(input, builder),
            Layer::Recurrent(layer) => layer.plan_layer(input, builder),
            Layer::Residual(layer) => layer.plan_layer(input, builder),
        }
    }
}
