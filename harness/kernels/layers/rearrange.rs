//! `flatten` and `sequence`: the values of an image in another order, samples side by side.

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::batch::WIDEST;
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::transpose::transpose;
use crate::kernels::vector::Scalar;
use crate::recipe::ReadBy;
use crate::recipe::layers::flatten::Flatten;
use crate::recipe::layers::sequence::Sequence;
use crate::recipe::shape::Shape;

/// An image's values in another order.
struct Rearranged<S> {
    /// Where each value is in an image; `None` if the order stays.
    order: Option<Vec<u32>>,
    values: usize,
    /// A block's samples, one after the other, in the new order.
    turned: Vec<S>,
}

/// What lies side by side already.
struct Unchanged {
    shape: Shape,
}

/// Returns the layer that reads an image in an order of (channel, row, column).
fn rearranged<S: Scalar>(
    [channels, height, width]: [u32; 3],
    order: impl Iterator<Item = [u32; 3]>,
) -> Box<dyn PlannedLayer<S>> {
    let values = (channels * height * width) as usize;
    let order: Vec<u32> = order.map(|[c, y, x]| (y * width + x) * channels + c).collect();
    let is_same = order.iter().zip(0..).all(|(place, index)| *place == index);
    let turned = vec![S::ZERO; WIDEST * values];
    Box::new(Rearranged { order: (!is_same).then_some(order), values, turned })
}

impl<S: Scalar> Planned<S> for Flatten {
    fn plan_layer(&self, input: Shape, _: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        match input {
            Shape::Image { channels, height, width } => {
                let places = (0..channels)
                    .flat_map(move |c| (0..height).flat_map(move |y| (0..width).map(move |x| [c, y, x])));
                rearranged([channels, height, width], places)
            }
            shape => Box::new(Unchanged { shape }),
        }
    }
}

impl<S: Scalar> Planned<S> for Sequence {
    fn plan_layer(&self, input: Shape, _: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        let Shape::Image { channels, height, width } = input else {
            return Box::new(Unchanged { shape: input });
        };
        let sides = [channels, height, width];
        match self.by {
            ReadBy::Rows => rearranged(
                sides,
                (0..height)
                    .flat_map(move |y| (0..channels).flat_map(move |c| (0..width).map(move |x| [c, y, x]))),
            ),
            ReadBy::Columns => rearranged(
                sides,
                (0..width)
                    .flat_map(move |x| (0..channels).flat_map(move |c| (0..height).map(move |y| [c, y, x]))),
            ),
            ReadBy::Pixels => rearranged(
                sides,
                (0..height)
                    .flat_map(move |y| (0..width).flat_map(move |x| (0..channels).map(move |c| [c, y, x]))),
            ),
        }
    }
}

impl<S: Scalar> PlannedLayer<S> for Rearranged<S> {
    fn forward(&mut self, pass: Pass, _: &mut Parameters<'_, S>, input: Input<'_, S>, output: &mut [S]) {
        let values = self.values;
        for block in pass.batch.blocks() {
            let from = &input.values[block.start * values..(block.start + block.used) * values];
            let to = &mut output[block.at(values)];
            // What fills up a block must be finite, whatever was there.
            if block.used < block.lanes {
                to.fill(S::ZERO);
            }
            let Some(order) = &self.order else {
                transpose(block.used, values, from, values, to, block.lanes);
                continue;
            };
            for (to, from) in self.turned.chunks_exact_mut(values).zip(from.chunks_exact(values)) {
                to.iter_mut().zip(order).for_each(|(to, place)| *to = from[*place as usize]);
            }
            transpose(block.used, values, &self.turned, values, to, block.lanes);
        }
    }

    fn backward(
        &mut self,
        pass: Pass,
        _: &mut Parameters<'_, S>,
        _: Input<'_, S>,
        _: &[S],
        d_output: &mut [S],
        d_input: Option<&mut [S]>,
        _: &mut dyn GradientSink<S>,
    ) {
        let Some(d_input) = d_input else { return };
        let values = self.values;
        for block in pass.batch.blocks() {
            let from = &d_output[block.at(values)];
            let to = &mut d_input[block.start * values..(block.start + block.used) * values];
            let Some(order) = &self.order else {
                transpose(values, block.used, from, block.lanes, to, values);
                continue;
            };
            transpose(values, block.used, from, block.lanes, &mut self.turned, values);
            for (to, from) in to.chunks_exact_mut(values).zip(self.turned.chunks_exact(values)) {
                from.iter().zip(order).for_each(|(from, place)| to[*place as usize] = *from);
            }
        }
    }
}

impl<S: Scalar> PlannedLayer<S> for Unchanged {
    fn forward(&mut self, pass: Pass, _: &mut Parameters<'_, S>, input: Input<'_, S>, output: &mut [S]) {
        let size = pass.batch.size(self.shape);
        output[..size].copy_from_slice(&input.values[..size]);
    }

    fn backward(
        &mut self,
        pass: Pass,
        _: &mut Parameters<'_, S>,
        _: Input<'_, S>,
        _: &[S],
        d_output: &mut [S],
        d_input: Option<&mut [S]>,
        _: &mut dyn GradientSink<S>,
    ) {
        if let Some(d_input) = d_input {
            let size = pass.batch.size(self.shape);
            d_input[..size].copy_from_slice(&d_output[..size]);
        }
    }
}
