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

    /// Returns the share that a pixel has in the mean of a window.
    fn share<S: Scalar>(self) -> S {
        S::of(1.0 / (self.size[0] * self.size[1]) as f64)
    }

    /// Calls `body` with the place of each output's channels in an image, that of each pixel of its window, and the pixel's
    /// number in the window.
    #[inline(always)]
    fn each(self, mut body: impl FnMut(usize, usize, u32)) {
        for y in 0..self.down() {
            for x in 0..self.across() {
                let output = (y * self.across() + x) * self.channels;
                let mut number = 0;
                for i in 0..self.size[0] {
                    for j in 0..self.size[1] {
                        let pixel = (y * self.stride[0] + i) * self.width + x * self.stride[1] + j;
                        body(output, pixel * self.channels, number);
                        number += 1;
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
        let [image, outputs] = [self.windows.image(), self.windows.outputs()];
        let images = input.values[..pass.batch.samples * image].chunks_exact(image);
        let to = output.chunks_exact_mut(outputs).zip(self.largest.chunks_exact_mut(outputs));
        for (image, (output, largest)) in images.zip(to) {
            largest_of(self.windows, image, output, largest);
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
        let [image, outputs] = [self.windows.image(), self.windows.outputs()];
        let images = d_input[..pass.batch.samples * image].chunks_exact_mut(image);
        let from = d_output.chunks_exact(outputs).zip(self.largest.chunks_exact(outputs));
        for (image, (d_output, largest)) in images.zip(from) {
            image.fill(S::ZERO);
            add_to_largest(self.windows, d_output, largest, image);
        }
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedAvgPool {
    fn forward(&mut self, pass: Pass, _: &mut Parameters<'_, S>, input: Input<'_, S>, output: &mut [S]) {
        let [image, outputs] = [self.windows.image(), self.windows.outputs()];
        let images = input.values[..pass.batch.samples * image].chunks_exact(image);
        for (image, output) in images.zip(output.chunks_exact_mut(outputs)) {
            output.fill(S::ZERO);
            add_shares(self.windows, image, output);
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
        let [image, outputs] = [self.windows.image(), self.windows.outputs()];
        let images = d_input[..pass.batch.samples * image].chunks_exact_mut(image);
        for (image, d_output) in images.zip(d_output.chunks_exact(outputs)) {
            image.fill(S::ZERO);
            add_shares_back(self.windows, d_output, image);
        }
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
    /// Sets each output to the largest value of its window, and `largest` to the number of the first pixel that has it.
    fn largest_of<S>(windows: Windows, image: &[S], output: &mut [S], largest: &mut [u32]) {
        let channels = windows.channels;
        windows.each(
            #[inline(always)]
            |to, from, number| {
                let from = &image[from..from + channels];
                let largest = &mut largest[to..to + channels];
                for ((from, to), largest) in from.iter().zip(&mut output[to..to + channels]).zip(largest) {
                    let wins = number == 0 || *from > *to;
                    *to = if wins { *from } else { *to };
                    *largest = if wins { number } else { *largest };
                }
            },
        );
    }

    /// Adds the gradient of each output to that of the pixel that was the largest of its window.
    fn add_to_largest<S>(windows: Windows, d_output: &[S], largest: &[u32], d_image: &mut [S]) {
        let channels = windows.channels;
        windows.each(
            #[inline(always)]
            |from, to, number| {
                let largest = &largest[from..from + channels];
                let from = &d_output[from..from + channels];
                for ((from, to), largest) in from.iter().zip(&mut d_image[to..to + channels]).zip(largest) {
                    *to += if *largest == number { *from } else { S::ZERO };
                }
            },
        );
    }

    /// Adds to each output its share of the pixels of its window.
    fn add_shares<S>(windows: Windows, image: &[S], output: &mut [S]) {
        let channels = windows.channels;
        let share = windows.share::<S>();
        windows.each(
            #[inline(always)]
            |to, from, _| {
                for (from, to) in image[from..from + channels].iter().zip(&mut output[to..to + channels]) {
                    *to = from.mul_add(share, *to);
                }
            },
        );
    }

    /// Adds to each pixel its share of the gradients of the windows that hold it.
    fn add_shares_back<S>(windows: Windows, d_output: &[S], d_image: &mut [S]) {
        let channels = windows.channels;
        let share = windows.share::<S>();
        windows.each(
            #[inline(always)]
            |from, to, _| {
                for (from, to) in d_output[from..from + channels].iter().zip(&mut d_image[to..to + channels]) {
                    *to = from.mul_add(share, *to);
                }
            },
        );
    }
}
