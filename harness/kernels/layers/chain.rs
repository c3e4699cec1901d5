//! Layers one after the other.

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::layers::{Layer, LayerKind, Place};
use crate::recipe::shape::Shape;

/// Layers, with what each puts out.
pub struct Chain<S> {
    layers: Vec<Link<S>>,
    input: Shape,
    /// The gradients of what layers put out: of every second layer in turn, since a backward pass needs those of two.
    gradients: [Vec<S>; 2],
}

struct Link<S> {
    layer: Box<dyn PlannedLayer<S>>,
    output: Shape,
    values: Vec<S>,
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
            links.push(Link {
                layer: planned,
                output: shape,
                values: vec![S::ZERO; builder.most.size(shape)],
                keeps_order,
                learns: builder.parameters() > first,
            });
        }
        let largest = |links: &[Link<S>], parity: usize| {
            links.iter().skip(parity).step_by(2).map(|link| link.values.len()).max().unwrap_or(0)
        };
        let gradients = [0, 1].map(|parity| vec![S::ZERO; largest(&links, parity)]);
        Chain { layers: links, input, gradients }
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
        self.ends().1
    }

    /// Returns what the last layer put out, and the place for its gradients.
    pub fn ends(&mut self) -> (&mut [S], &mut [S]) {
        let [even, odd] = &mut self.gradients;
        let gradients = if self.layers.len() % 2 == 1 { even } else { odd };
        match self.layers.last_mut() {
            Some(link) => {
                let size = link.values.len();
                (&mut link.values, &mut gradients[..size])
            }
            None => (&mut [], &mut []),
        }
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
        let [even, odd] = &mut self.gradients;
        for index in (0..self.layers.len()).rev() {
            let (before, after) = self.layers.split_at_mut(index);
            let Some(Link { layer, values, .. }) = after.first_mut() else { break };
            let [of_output, of_input] =
                if index % 2 == 0 { [&mut *even, &mut *odd] } else { [&mut *odd, &mut *even] };
            let d_output = &mut of_output[..values.len()];
            let to = match before.last() {
                Some(last) => {
                    let is_wanted = last.learns || d_input.is_some();
                    is_wanted.then(|| &mut of_input[..last.values.len()])
                }
                None => d_input.take(),
            };
            layer.backward(pass, parameters, read(before, input), values, d_output, to, sink);
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
