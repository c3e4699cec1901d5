//! What the tests of several kernels share.

mod allocations;
mod gradients;

#[cfg(feature = "torch")]
pub use gradients::networks;

use super::vector::Scalar;
use crate::recipe::Convention;
use crate::recipe::layers::recurrent::{bias_vectors, gates};
use crate::recipe::layers::{Layer, LayerKind, Place};
use crate::recipe::shape::Shape;
use crate::rng::{Purpose, Stream};

/// Returns fixed values, about normal.
pub fn drawn<S: Scalar>(count: usize, item: u64) -> Vec<S> {
    let mut stream = Stream::new(0, Purpose::Probe, 0).item(item);
    (0..count).map(|_| S::of(stream.normal())).collect()
}

/// Gathers the length of each parameter and each buffer of layers, in the engine's order, and returns the shape after them.
pub fn lengths(layers: &[Layer], mut input: Shape, to: &mut Vec<usize>, buffers: &mut Vec<usize>) -> Shape {
    for layer in layers {
        let features = input.features() as usize;
        let place = Place { index: 0, kind: layer.word(), input, convention: Convention::Torch };
        let output = layer.plan(place).unwrap().last().map_or(input, |row| row.output);
        match layer {
            Layer::Dense(layer) => to.extend([layer.units as usize * features, layer.units as usize]),
            Layer::Conv(layer) => {
                let area = (layer.kernel[0] * layer.kernel[1]) as usize;
                to.extend([layer.filters as usize * features * area, layer.filters as usize]);
            }
            Layer::BatchNorm(_) => {
                to.extend([features, features]);
                buffers.extend([features, features]);
            }
            Layer::LayerNorm(_) => to.extend([features, features]),
            Layer::Recurrent(layer) => {
                let units = layer.units as usize;
                let rows = gates(layer.cell) as usize * units;
                let directions = if layer.bidirectional { 2 } else { 1 };
                let mut inputs = features;
                for _ in 0..layer.layers {
                    for _ in 0..directions {
                        to.extend([rows * inputs, rows * units]);
                        let biases = bias_vectors(layer.cell, layer.reset, Convention::Torch);
                        to.extend(vec![rows; biases as usize]);
                    }
                    inputs = directions * units;
                }
            }
            Layer::Residual(layer) => {
                let after = lengths(&layer.layers, input, to, buffers);
                if layer.projection.is_some() {
                    let width = after.features() as usize;
                    to.extend([width * features, width]);
                }
            }
            _ => {}
        }
        input = output;
    }
    input
}
