//! `conv`.

use super::builder::{PlanBuilder, Planned};
use super::epilogue::Epilogue;
use super::kind::{Input, Pass, PlannedLayer};
use super::winograd::PlannedWinograd;
use crate::kernels::convolution::{Slide, spread};
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::product::GROUP;
use crate::kernels::vector::Scalar;
use crate::kernels::winograd::Tiling;
use crate::recipe::layers::conv::{Conv, Padding};
use crate::recipe::shape::Shape;

/// Images are computed in groups of about so many numbers, which the second cache holds.
const CACHED: usize = 1 << 16;

struct PlannedConv<S> {
    slide: Slide,
    padding: [usize; 2],
    weight: usize,
    epilogue: Epilogue<S>,
    /// Weights, packed for a pass.
    panels: Vec<S>,
    /// Images with padding around them.
    padded: Vec<S>,
    patches: Vec<S>,
    /// Gradients of outputs, each pixel filled up to whole groups of filters.
    wide: Vec<S>,
    /// The gradient of the weights as the kernel leaves it, and as PyTorch has it.
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
        let weight = builder.parameter();
        let bias = self.bias.then(|| builder.parameter());
        let epilogue = Epilogue::new(bias, self.activation, slide.filters);
        if let Some(tiling) = Tiling::new(slide) {
            return Box::new(PlannedWinograd::new(slide, padding, tiling, weight, epilogue));
        }
        Box::new(PlannedConv {
            slide,
            padding,
            weight,
            epilogue,
            panels: Vec::new(),
            padded: Vec::new(),
            patches: Vec::new(),
            wide: Vec::new(),
            sums: vec![S::ZERO; slide.weights()],
            gradient: vec![S::ZERO; slide.weights()],
        })
    }
}

impl<S: Scalar> PlannedConv<S> {
    /// Returns how many numbers an image has without padding.
    fn image(&self) -> usize {
        let [height, width] =
            [self.slide.height - 2 * self.padding[0], self.slide.width - 2 * self.padding[1]];
        height * width * self.slide.channels
    }

    /// Returns how many images are computed at once: whole runs of a weight's gradient.
    fn group(&self) -> usize {
        let run = self.slide.images_of_a_run();
        let largest = self.slide.image().max(self.slide.outputs());
        (CACHED / (largest * run)).max(1) * run
    }
}

/// Returns images with padding around them, in `padded` where they have any.
fn pad<'a, S: Scalar>(slide: Slide, padding: [usize; 2], images: &'a [S], padded: &'a mut Vec<S>) -> &'a [S] {
    if padding == [0, 0] {
        return images;
    }
    let width = slide.width - 2 * padding[1];
    let size = (slide.height - 2 * padding[0]) * width * slide.channels;
    let length = images.len() / size * slide.image();
    padded.resize(padded.len().max(length), S::ZERO);
    for (image, to) in images.chunks_exact(size).zip(padded.chunks_exact_mut(slide.image())) {
        spread(image, [width, slide.channels], to, slide.width, padding, [1, 1]);
    }
    &padded[..length]
}

/// Returns gradients with each pixel filled up to whole groups of filters, in `wide` where they are not.
fn widen<'a, S: Scalar>(filters: usize, gradients: &'a [S], wide: &'a mut Vec<S>) -> &'a [S] {
    let width = filters.next_multiple_of(GROUP);
    if width == filters {
        return gradients;
    }
    wide.clear();
    for pixel in gradients.chunks_exact(filters) {
        wide.extend_from_slice(pixel);
        wide.resize(wide.len() + width - filters, S::ZERO);
    }
    wide
}

impl<S: Scalar> PlannedLayer<S> for PlannedConv<S> {
    fn forward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &mut [S],
    ) {
        let [image, group] = [self.image(), self.group()];
        let PlannedConv { slide, padding, panels, padded, patches, .. } = self;
        slide.pack(parameters.values[self.weight], panels);
        let samples = pass.batch.samples;
        let images = input.values[..samples * image].chunks(group * image);
        for (images, output) in images.zip(output.chunks_mut(group * slide.outputs())) {
            let output = &mut output[..images.len() / image * slide.outputs()];
            slide.forward(pad(*slide, *padding, images, padded), panels, output, patches);
            self.epilogue.forward(parameters, output);
        }
    }

    fn backward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &[S],
        d_output: &mut [S],
        mut d_input: Option<&mut [S]>,
        sink: &mut dyn GradientSink<S>,
    ) {
        let [image, group] = [self.image(), self.group()];
        let slide = self.slide;
        let (back, before) = slide.back(self.padding);
        if d_input.is_some() {
            slide.pack_back(parameters.values[self.weight], &mut self.panels);
        }
        self.epilogue.begin_backward();
        for first in (0..pass.batch.samples).step_by(group) {
            let count = group.min(pass.batch.samples - first);
            let outputs = first * slide.outputs()..(first + count) * slide.outputs();
            let inputs = first * image..(first + count) * image;
            let gradients = &mut d_output[outputs.clone()];
            self.epilogue.backward(slide.outputs(), &output[outputs], gradients);
            if let Some(d_input) = d_input.as_deref_mut() {
                self.padded.resize(self.padded.len().max(count * back.image()), S::ZERO);
                let padded = &mut self.padded[..count * back.image()];
                let pairs =
                    gradients.chunks_exact(slide.outputs()).zip(padded.chunks_exact_mut(back.image()));
                for (gradients, to) in pairs {
                    spread(gradients, [slide.across(), slide.filters], to, back.width, before, slide.stride);
                }
                back.forward(padded, &self.panels, &mut d_input[inputs.clone()], &mut self.patches);
            }
            let run = slide.images_of_a_run();
            let images = input.values[inputs].chunks(run * image);
            for (index, (images, gradients)) in
                images.zip(gradients.chunks(run * slide.outputs())).enumerate()
            {
                let images = pad(slide, self.padding, images, &mut self.padded);
                let gradients = widen(slide.filters, gradients, &mut self.wide);
                let is_first = first == 0 && index == 0;
                slide.weight_gradient(images, gradients, is_first, &mut self.sums, &mut self.patches);
            }
        }
        self.epilogue.end_backward(parameters, sink);
        slide.unpack(&self.sums, &mut self.gradient);
        sink.take(parameters, self.weight, 0, &self.gradient);
    }
}
