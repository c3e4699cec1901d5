//! Layers one after the other.

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::layers::{Layer, LayerKind, Place};
use crate::recipe::shape::Shape;

/// Layers, with what each puts out and the gradients of that.
pub struct Chain<S> {
    layers: Vec<Link<S>>,
    input: Shape,
}

struct Link<S> {
    layer: Box<dyn PlannedLayer<S>>,
    output: Shape,
    values: Vec<S>,
    gradients: Vec<S>,
    /// Whether what it puts out is what it reads, samples side by side.
    keeps_order: bool,
    /// Whether it or a layer before it has parameters.
    learns: bool,
}

impl<S: Scalar> Chain<S> {
    /// Plans layers for inputs of a shape.
    pub fn new(layers: &[Layer], input: Shape, builder: &mut PlanBuilder) -> Self {
        let mut shape = input;
        let first = builder.parameters();
        let mut links = Vec::with_capacity(layers.len());
        for layer in layers {
            let keeps_order = matches!(layer, Layer::Flatten(_)) && shape.is_image() && shape.features() == 1;
            let planned = layer.plan_layer(shape, builder);
            shape = shape_after(layer, shape, builder);
            let size = builder.most.size(shape);
            links.push(Link {
                layer: planned,
                output: shape,
                values: vec![S::ZERO; size],
                gradients: vec![S::ZERO; size],
                keeps_order,
                learns: builder.parameters() > first,
            });
        }
        Chain { layers: links, input }
    }

    /// Returns the shape of what the last layer puts out.
    pub fn output(&self) -> Shape {
        self.layers.last().map_or(self.input, |link| link.output)
    }

    /// Computes what the last layer puts out.
    pub fn forward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
    ) -> &mut [S] {
        for index in 0..self.layers.len() {
            let (before, after) = self.layers.split_at_mut(index);
            let Some(link) = after.first_mut() else { break };
            link.layer.forward(pass, parameters, read(before, input), &mut link.values);
        }
        self.layers.last_mut().map_or(&mut [], |link| &mut link.values)
    }

    /// Returns the place for the gradients of what the last layer puts out.
    pub fn gradient(&mut self) -> &mut [S] {
        self.layers.last_mut().map_or(&mut [], |link| &mut link.gradients)
    }

    /// Returns what the last layer put out, and the place for its gradients.
    pub fn ends(&mut self) -> (&mut [S], &mut [S]) {
        self.layers.last_mut().map_or((&mut [], &mut []), |link| (&mut link.values, &mut link.gradients))
    }

    /// Computes all gradients from those of what the last layer put out.
    pub fn backward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        mut d_input: Option<&mut [S]>,
        sink: &mut dyn GradientSink<S>,
    ) {
        for index in (0..self.layers.len()).rev() {
            let (before, after) = self.layers.split_at_mut(index);
            let Some(Link { layer, values, gradients, .. }) = after.first_mut() else { break };
            match before.split_last_mut() {
                Some((last, earlier)) => {
                    let rows = if last.keeps_order { read(earlier, input).rows } else { None };
                    let read = Input { values: &last.values, rows };
                    let wanted = last.learns || d_input.is_some();
                    let to = wanted.then_some(last.gradients.as_mut_slice());
                    layer.backward(pass, parameters, read, values, gradients, to, sink);
                }
                None => layer.backward(pass, parameters, input, values, gradients, d_input.take(), sink),
            }
        }
    }
}

/// Returns what the layer after these reads.
fn read<'a, S>(before: &'a [Link<S>], input: Input<'a, S>) -> Input<'a, S> {
    match before.split_last() {
        Some((last, earlier)) => {
            let rows = if last.keeps_order { read(earlier, input).rows } else { None };
            Input { values: &last.values, rows }
        }
        None => input,
    }
}

/// Returns the shape after a layer, or the input's if the layer does not fit, which was refused when the suite was read.
fn shape_after(layer: &Layer, input: Shape, builder: &PlanBuilder) -> Shape {
    let place = Place { index: 0, kind: layer.word(), input, convention: builder.convention };
    layer.plan(place).ok().and_then(|rows| rows.last().map(|row| row.output)).unwrap_or(input)
}
