//! `max-pool`, `avg-pool` and `global-avg-pool`: one value of each window of an image.

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::isa::for_each_set;
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::layers::avg_pool::AvgPool;
use crate::recipe::layers::global_avg_pool::GlobalAvgPool;
use crate::recipe::layers::max_pool::MaxPool;
use crate::recipe::layers::window::Window;
use crate::recipe::shape::Shape;

/// Where the windows of an image are.
#[derive(Clone, Copy)]
struct Windows {
    channels: usize,
    height: usize,
    width: usize,
    size: [usize; 2],
    stride: [usize; 2],
}

impl Windows {
    fn new(window: Window, input: Shape) -> Self {
        let Shape::Image { channels, height, width } = input else {
            return Windows { channels: 0, height: 0, width: 0, size: [1, 1], stride: [1, 1] };
        };
        Windows {
            channels: channels as usize,
            height: height as usize,
            width: width as usize,
            size: window.size.map(|side| side as usize),
            stride: window.stride.map(|side| side as usize),
        }
    }

    fn image(self) -> usize {
        self.channels * self.height * self.width
    }

    fn down(self) -> usize {
        (self.height.saturating_sub(self.size[0])) / self.stride[0] + 1
    }

    fn across(self) -> usize {
        (self.width.saturating_sub(self.size[1])) / self.stride[1] + 1
    }

    fn outputs(self) -> usize {
        self.down() * self.across() * self.channels
    }

    /// Calls `body` with the place of each output's channels, that of each pixel of its window, and the pixel's number in
    /// the window.
    fn each(self, samples: usize, mut body: impl FnMut(usize, usize, u32)) {
        for sample in 0..samples {
            for y in 0..self.down() {
                for x in 0..self.across() {
                    let output = sample * self.outputs() + (y * self.across() + x) * self.channels;
                    let mut number = 0;
                    for i in 0..self.size[0] {
                        for j in 0..self.size[1] {
                            let pixel = (y * self.stride[0] + i) * self.width + x * self.stride[1] + j;
                            body(output, sample * self.image() + pixel * self.channels, number);
                            number += 1;
                        }
                    }
                }
            }
        }
    }
}

struct PlannedMaxPool {
    windows: Windows,
    /// The number in its window of the first pixel with the largest value, for each output.
    largest: Vec<u32>,
}

struct PlannedAvgPool {
    windows: Windows,
}

impl<S: Scalar> Planned<S> for MaxPool {
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        let windows = Windows::new(self.0, input);
        Box::new(PlannedMaxPool { windows, largest: vec![0; builder.most.samples * windows.outputs()] })
    }
}

impl<S: Scalar> Planned<S> for AvgPool {
    fn plan_layer(&self, input: Shape, _: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        Box::new(PlannedAvgPool { windows: Windows::new(self.0, input) })
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedMaxPool {
    fn forward(&mut self, pass: Pass, _: &mut Parameters<'_, S>, input: Input<'_, S>, output: &mut [S]) {
        let channels = self.windows.channels;
        let largest = &mut self.largest;
        self.windows.each(pass.batch.samples, |to, from, number| {
            let to = to..to + channels;
            larger(&input.values[from..from + channels], &mut output[to.clone()], &mut largest[to], number);
        });
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
        let channels = self.windows.channels;
        d_input[..pass.batch.samples * self.windows.image()].fill(S::ZERO);
        let largest = &self.largest;
        self.windows.each(pass.batch.samples, |from, to, number| {
            let from = from..from + channels;
            add_where(&d_output[from.clone()], &largest[from], number, &mut d_input[to..to + channels]);
        });
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedAvgPool {
    fn forward(&mut self, pass: Pass, _: &mut Parameters<'_, S>, input: Input<'_, S>, output: &mut [S]) {
        let channels = self.windows.channels;
        let [height, width] = self.windows.size;
        let share = S::of(1.0 / (height * width) as f64);
        output[..pass.batch.samples * self.windows.outputs()].fill(S::ZERO);
        self.windows.each(pass.batch.samples, |to, from, _| {
            add_share(&input.values[from..from + channels], share, &mut output[to..to + channels]);
        });
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
        let channels = self.windows.channels;
        let [height, width] = self.windows.size;
        let share = S::of(1.0 / (height * width) as f64);
        d_input[..pass.batch.samples * self.windows.image()].fill(S::ZERO);
        self.windows.each(pass.batch.samples, |from, to, _| {
            add_share(&d_output[from..from + channels], share, &mut d_input[to..to + channels]);
        });
    }
}

/// The mean of each channel: a vector, so that samples lie side by side.
struct PlannedGlobalAvgPool {
    channels: usize,
    pixels: usize,
}

impl<S: Scalar> Planned<S> for GlobalAvgPool {
    fn plan_layer(&self, input: Shape, _: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        let channels = input.features() as usize;
        Box::new(PlannedGlobalAvgPool { channels, pixels: input.values() as usize / channels })
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedGlobalAvgPool {
    fn forward(&mut self, pass: Pass, _: &mut Parameters<'_, S>, input: Input<'_, S>, output: &mut [S]) {
        let PlannedGlobalAvgPool { channels, pixels } = *self;
        let share = S::of(1.0 / pixels as f64);
        for block in pass.batch.blocks() {
            let output = &mut output[block.at(channels)];
            output.fill(S::ZERO);
            for lane in 0..block.used {
                let image = &input.values[(block.start + lane) * channels * pixels..][..channels * pixels];
                for pixel in image.chunks_exact(channels) {
                    for (row, value) in output.chunks_exact_mut(block.lanes).zip(pixel) {
                        row[lane] = value.mul_add(share, row[lane]);
                    }
                }
            }
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
        let PlannedGlobalAvgPool { channels, pixels } = *self;
        let share = S::of(1.0 / pixels as f64);
        for block in pass.batch.blocks() {
            let gradients = &d_output[block.at(channels)];
            for lane in 0..block.used {
                let image = &mut d_input[(block.start + lane) * channels * pixels..][..channels * pixels];
                for pixel in image.chunks_exact_mut(channels) {
                    for (value, row) in pixel.iter_mut().zip(gradients.chunks_exact(block.lanes)) {
                        *value = row[lane] * share;
                    }
                }
            }
        }
    }
}

for_each_set! {
    /// Keeps the larger values, and the number of the pixel that they are of; pixel 0 is the first.
    fn larger<S>(from: &[S], to: &mut [S], largest: &mut [u32], number: u32) {
        for ((from, to), largest) in from.iter().zip(to).zip(largest) {
            let wins = number == 0 || *from > *to;
            *to = if wins { *from } else { *to };
            *largest = if wins { number } else { *largest };
        }
    }

    /// Adds the gradients of the outputs whose pixel has this number.
    fn add_where<S>(from: &[S], largest: &[u32], number: u32, to: &mut [S]) {
        for ((from, to), largest) in from.iter().zip(to).zip(largest) {
            *to += if *largest == number { *from } else { S::ZERO };
        }
    }

    fn add_share<S>(from: &[S], share: S, to: &mut [S]) {
        for (from, to) in from.iter().zip(to) {
            *to = from.mul_add(share, *to);
        }
    }
}
