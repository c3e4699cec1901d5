//! `conv`: products of weights with the pixels below them, without a copy of every patch.
//!
//! A row of a kernel covers pixels that lie next to each other, so it is one run of a product; only images with padding
//! are copied, with it around them. The gradient of the input is a convolution, too: of the output's gradient, spread by
//! the stride and padded, with the kernel turned round.

use super::builder::{PlanBuilder, Planned};
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::activation::{activate, activate_back, add_row};
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::product::{GROUP, STRIP, Start, Target, Term, product};
use crate::kernels::vector::Scalar;
use crate::recipe::Activation;
use crate::recipe::layers::conv::{Conv, Padding};
use crate::recipe::shape::Shape;

/// A run of products of a weight's gradient has about so many.
const RUN: usize = 256;
/// Padded images are computed in groups of about so many numbers, which the second cache holds.
const CACHED: usize = 1 << 17;

/// Images over which a kernel slides.
#[derive(Clone, Copy)]
struct Slide {
    channels: usize,
    /// The image's sides, with padding.
    height: usize,
    width: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    filters: usize,
}

impl Slide {
    fn down(self) -> usize {
        (self.height - self.kernel[0]) / self.stride[0] + 1
    }

    fn across(self) -> usize {
        (self.width - self.kernel[1]) / self.stride[1] + 1
    }

    fn image(self) -> usize {
        self.height * self.width * self.channels
    }

    fn outputs(self) -> usize {
        self.down() * self.across() * self.filters
    }

    /// Returns the number of weights of a filter in one row of the kernel.
    fn row(self) -> usize {
        self.kernel[1] * self.channels
    }

    /// Returns the number of weights of a filter.
    fn patch(self) -> usize {
        self.kernel[0] * self.row()
    }

    /// Returns whether rows of the output are so short that patches are copied for longer ones.
    fn is_narrow(self) -> bool {
        self.across() < NARROW
    }

    /// Copies the pixels below the kernel at each of some places, counted over all images, one place after the other.
    fn unfold<S: Scalar>(self, images: &[S], places: std::ops::Range<usize>, patches: &mut Vec<S>) {
        patches.clear();
        let across = self.across();
        let pixels = self.down() * across;
        for place in places {
            let image = &images[place / pixels * self.image()..];
            let [y, x] = [place % pixels / across * self.stride[0], place % across * self.stride[1]];
            for i in 0..self.kernel[0] {
                let begin = ((y + i) * self.width + x) * self.channels;
                patches.extend_from_slice(&image[begin..begin + self.row()]);
            }
        }
    }

    /// Computes the outputs of some images, filter after filter for each pixel. `panels` has strips of filters, each with a
    /// row for each weight.
    fn forward<S: Scalar>(self, images: &[S], panels: &[S], outputs: &mut [S], patches: &mut Vec<S>) {
        if self.is_narrow() {
            let places = outputs.len() / self.filters;
            for first in (0..places).step_by(PLACES) {
                let count = PLACES.min(places - first);
                self.unfold(images, first..first + count, patches);
                let mut begin = 0;
                for filter in (0..self.filters).step_by(STRIP) {
                    let columns = STRIP.min(self.filters - filter);
                    let width = columns.next_multiple_of(GROUP);
                    let depth = self.patch();
                    let b = &panels[begin..];
                    begin += depth * width;
                    let term = Term { a: patches, a_row: depth, a_step: 1, b, b_step: width, depth };
                    let c = &mut outputs[first * self.filters + filter..];
                    product(count, columns, &[term], Start::Zero, Target { c, row: self.filters });
                }
            }
            return;
        }
        let row = self.row();
        let mut begin = 0;
        for filter in (0..self.filters).step_by(STRIP) {
            let columns = STRIP.min(self.filters - filter);
            let width = columns.next_multiple_of(GROUP);
            let panel = &panels[begin..begin + self.patch() * width];
            begin += self.patch() * width;
            let pairs = images.chunks_exact(self.image()).zip(outputs.chunks_exact_mut(self.outputs()));
            for (image, outputs) in pairs {
                for y in 0..self.down() {
                    let a_row = self.stride[1] * self.channels;
                    let term = Term { a: image, a_row, a_step: 1, b: panel, b_step: width, depth: 0 };
                    let mut terms = [term; MOST_ROWS];
                    let to = &mut outputs[y * self.across() * self.filters + filter..];
                    for first in (0..self.kernel[0]).step_by(MOST_ROWS) {
                        let count = MOST_ROWS.min(self.kernel[0] - first);
                        for (i, term) in (first..).zip(terms.iter_mut().take(count)) {
                            term.a = &image[(y * self.stride[0] + i) * self.width * self.channels..];
                            term.b = &panel[i * row * width..];
                            term.depth = row;
                        }
                        let start = if first == 0 { Start::Zero } else { Start::Add };
                        let target = Target { c: &mut *to, row: self.filters };
                        product(self.across(), columns, &terms[..count], start, target);
                    }
                }
            }
        }
    }
}

/// Rows of an output shorter than this leave most of a tile of a product empty.
const NARROW: usize = 10;
/// Patches of so many places are copied at once.
const PLACES: usize = 56;
/// Rows of a kernel that one product covers.
const MOST_ROWS: usize = 8;

struct PlannedConv<S> {
    slide: Slide,
    padding: [usize; 2],
    activation: Activation,
    weight: usize,
    bias: Option<usize>,
    panels: Vec<S>,
    padded: Vec<S>,
    patches: Vec<S>,
    /// The gradient, as row of the kernel, weight of the row, filter; and as PyTorch has it.
    sums: Vec<S>,
    gradient: Vec<S>,
}

impl<S: Scalar> Planned<S> for Conv {
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>> {
        let [channels, height, width] = match input {
            Shape::Image { channels, height, width } => [channels, height, width].map(|side| side as usize),
            _ => [0, 1, 1],
        };
        let kernel = self.kernel.map(|side| side as usize);
        let padding = match self.padding {
            Padding::Same => kernel.map(|side| side / 2),
            Padding::Valid => [0, 0],
        };
        let slide = Slide {
            channels,
            height: height + 2 * padding[0],
            width: width + 2 * padding[1],
            kernel,
            stride: self.stride.map(|side| side as usize),
            filters: self.filters as usize,
        };
        let weights = slide.patch() * slide.filters;
        Box::new(PlannedConv {
            slide,
            padding,
            activation: self.activation,
            weight: builder.parameter(),
            bias: self.bias.then(|| builder.parameter()),
            panels: Vec::new(),
            padded: Vec::new(),
            patches: Vec::new(),
            sums: vec![S::ZERO; weights],
            gradient: vec![S::ZERO; weights.max(slide.filters)],
        })
    }
}

/// Lays weights in strips of so many filters, a row for each weight, by `weight(row, filter)`.
fn pack<S: Scalar>(rows: usize, filters: usize, panels: &mut Vec<S>, weight: impl Fn(usize, usize) -> S) {
    panels.clear();
    for first in (0..filters).step_by(STRIP) {
        let columns = STRIP.min(filters - first);
        let width = columns.next_multiple_of(GROUP);
        for row in 0..rows {
            panels.extend((0..columns).map(|column| weight(row, first + column)));
            panels.resize(panels.len() + width - columns, S::ZERO);
        }
    }
}

/// Copies an image of pixels of `channels` numbers into a larger one: `before` pixels are left above and to the left, and
/// pixels are `apart` from each other.
fn place<S: Scalar>(
    image: &[S],
    width: usize,
    channels: usize,
    to: &mut [S],
    to_width: usize,
    before: [usize; 2],
    apart: [usize; 2],
) {
    to.fill(S::ZERO);
    for (y, row) in image.chunks_exact(width * channels).enumerate() {
        let begin = ((before[0] + y * apart[0]) * to_width + before[1]) * channels;
        if apart[1] == 1 {
            to[begin..begin + row.len()].copy_from_slice(row);
            continue;
        }
        for (x, pixel) in row.chunks_exact(channels).enumerate() {
            let begin = begin + x * apart[1] * channels;
            to[begin..begin + channels].copy_from_slice(pixel);
        }
    }
}

impl<S: Scalar> PlannedConv<S> {
    /// Returns the sides of an image without padding.
    fn sides(&self) -> [usize; 2] {
        [self.slide.height - 2 * self.padding[0], self.slide.width - 2 * self.padding[1]]
    }

    /// Calls `body` for groups of samples with the first, and the images with padding around them.
    fn groups(
        &mut self,
        samples: usize,
        images: &[S],
        most: usize,
        mut body: impl FnMut(&mut Self, usize, &[S]),
    ) {
        let slide = self.slide;
        let [height, width] = self.sides();
        let size = height * width * slide.channels;
        let mut padded = std::mem::take(&mut self.padded);
        for first in (0..samples).step_by(most) {
            let count = most.min(samples - first);
            let images = &images[first * size..(first + count) * size];
            if self.padding == [0, 0] {
                body(self, first, images);
                continue;
            }
            padded.resize(padded.len().max(count * slide.image()), S::ZERO);
            let padded = &mut padded[..count * slide.image()];
            for (image, to) in images.chunks_exact(size).zip(padded.chunks_exact_mut(slide.image())) {
                place(image, width, slide.channels, to, slide.width, self.padding, [1, 1]);
            }
            body(self, first, padded);
        }
        self.padded = padded;
    }

    fn input_gradient(&mut self, samples: usize, weight: &[S], d_output: &[S], d_input: &mut [S]) {
        let slide = self.slide;
        let [rows, columns] = slide.kernel;
        let [height, width] = self.sides();
        let back = Slide {
            channels: slide.filters,
            height: height + rows - 1,
            width: width + columns - 1,
            kernel: slide.kernel,
            stride: [1, 1],
            filters: slide.channels,
        };
        // Row (i, j, filter) of the panels is what the turned kernel has for each channel.
        pack(back.patch(), slide.channels, &mut self.panels, |row, channel| {
            let [i, j] = [row / back.row(), row % back.row() / slide.filters];
            let filter = row % slide.filters;
            let place = (rows - 1 - i) * columns + (columns - 1 - j);
            weight[(filter * slide.channels + channel) * rows * columns + place]
        });
        let before = [rows - 1 - self.padding[0], columns - 1 - self.padding[1]];
        let most = (CACHED / back.image()).max(1);
        self.padded.resize(self.padded.len().max(most * back.image()), S::ZERO);
        for first in (0..samples).step_by(most) {
            let count = most.min(samples - first);
            let gradients = &d_output[first * slide.outputs()..(first + count) * slide.outputs()];
            let padded = &mut self.padded[..count * back.image()];
            let pairs = gradients.chunks_exact(slide.outputs()).zip(padded.chunks_exact_mut(back.image()));
            for (gradients, to) in pairs {
                place(gradients, slide.across(), slide.filters, to, back.width, before, slide.stride);
            }
            let to = &mut d_input[first * back.outputs()..(first + count) * back.outputs()];
            back.forward(padded, &self.panels, to, &mut self.patches);
        }
    }

    fn weight_gradient(&mut self, first: usize, images: &[S], gradients: &[S], wide: &mut Vec<S>) {
        let slide = self.slide;
        let filters = slide.filters;
        let width = filters.next_multiple_of(GROUP);
        let pixels = slide.down() * slide.across();
        // Rows of gradients that are no whole groups are copied, so that whole ones can be read.
        let gradients = if width == filters {
            gradients
        } else {
            wide.clear();
            for pixel in gradients.chunks_exact(filters) {
                wide.extend_from_slice(pixel);
                wide.resize(wide.len() + width - filters, S::ZERO);
            }
            wide
        };
        let start = if first == 0 { Start::Zero } else { Start::Add };
        if slide.is_narrow() {
            let places = images.len() / slide.image() * pixels;
            slide.unfold(images, 0..places, &mut self.patches);
            for filter in (0..filters).step_by(STRIP) {
                let columns = STRIP.min(filters - filter);
                let term = Term {
                    a: &self.patches,
                    a_row: 1,
                    a_step: slide.patch(),
                    b: &gradients[filter..],
                    b_step: width,
                    depth: places,
                };
                let target = Target { c: &mut self.sums[filter..], row: filters };
                product(slide.patch(), columns, &[term], start, target);
            }
            return;
        }
        for i in 0..slide.kernel[0] {
            let mut terms = Vec::with_capacity(slide.down() * images.len() / slide.image());
            for (sample, image) in images.chunks_exact(slide.image()).enumerate() {
                for y in 0..slide.down() {
                    terms.push(Term {
                        a: &image[(y * slide.stride[0] + i) * slide.width * slide.channels..],
                        a_row: 1,
                        a_step: slide.stride[1] * slide.channels,
                        b: &gradients[(sample * pixels + y * slide.across()) * width..],
                        b_step: width,
                        depth: slide.across(),
                    });
                }
            }
            let sums = &mut self.sums[i * slide.row() * filters..];
            for filter in (0..filters).step_by(STRIP) {
                let columns = STRIP.min(filters - filter);
                for term in &mut terms {
                    term.b = &term.b[if filter == 0 { 0 } else { STRIP }..];
                }
                product(slide.row(), columns, &terms, start, Target { c: &mut sums[filter..], row: filters });
            }
        }
    }
}

impl<S: Scalar> PlannedLayer<S> for PlannedConv<S> {
    fn forward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &mut [S],
    ) {
        let slide = self.slide;
        let [rows, columns] = slide.kernel;
        let weight = &*parameters.values[self.weight];
        pack(slide.patch(), slide.filters, &mut self.panels, |row, filter| {
            let [i, j] = [row / slide.row(), row % slide.row() / slide.channels];
            let channel = row % slide.channels;
            weight[((filter * slide.channels + channel) * rows + i) * columns + j]
        });
        let bias = self.bias.map(|bias| &*parameters.values[bias]);
        let most = (CACHED / slide.image()).max(1);
        self.groups(pass.batch.samples, input.values, most, |layer, first, images| {
            let count = images.len() / slide.image();
            let output = &mut output[first * slide.outputs()..(first + count) * slide.outputs()];
            slide.forward(images, &layer.panels, output, &mut layer.patches);
            if let Some(bias) = bias {
                add_row(output, bias);
            }
            activate(layer.activation, output);
        });
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
        let slide = self.slide;
        let samples = pass.batch.samples;
        let size = samples * slide.outputs();
        activate_back(self.activation, &output[..size], &mut d_output[..size]);
        let d_output = &d_output[..size];
        if let Some(d_input) = d_input {
            self.input_gradient(samples, parameters.values[self.weight], d_output, d_input);
        }
        if let Some(bias) = self.bias {
            let to = &mut self.gradient[..slide.filters];
            let mut totals = vec![S::ZERO; slide.filters];
            to.fill(S::ZERO);
            for image in d_output.chunks_exact(slide.outputs()) {
                totals.fill(S::ZERO);
                for pixel in image.chunks_exact(slide.filters) {
                    totals.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += *value);
                }
                to.iter_mut().zip(&totals).for_each(|(sum, total)| *sum += *total);
            }
            sink.take(parameters, bias, 0, to);
        }
        let most = RUN.div_ceil(slide.down() * slide.across());
        let mut wide = Vec::new();
        self.groups(samples, input.values, most, |layer, first, images| {
            let count = images.len() / slide.image();
            let gradients = &d_output[first * slide.outputs()..(first + count) * slide.outputs()];
            layer.weight_gradient(first, images, gradients, &mut wide);
        });
        let [rows, columns] = slide.kernel;
        let weights = slide.patch() * slide.filters;
        for (place, sum) in self.sums.iter().enumerate() {
            let filter = place % slide.filters;
            let row = place / slide.filters;
            let [i, j] = [row / slide.row(), row % slide.row() / slide.channels];
            let channel = row % slide.channels;
            self.gradient[((filter * slide.channels + channel) * rows + i) * columns + j] = *sum;
        }
        sink.take(parameters, self.weight, 0, &self.gradient[..weights]);
    }
}
