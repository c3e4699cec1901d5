//! `conv` of 3 x 3 pixels, in tiles.

use super::epilogue::Epilogue;
use super::kind::{Input, Pass, PlannedLayer};
use crate::kernels::convolution::{Slide, spread};
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::kernels::winograd::Tiling;

/// So many tiles at most are computed at once. It decides the order of sums.
const TILES: usize = 64;

/// A convolution that is computed in tiles.
pub struct PlannedWinograd<S> {
    slide: Slide,
    padding: [usize; 2],
    tiling: Tiling,
    weight: usize,
    epilogue: Epilogue<S>,
    /// Weights, packed, and transformed.
    taps: Vec<S>,
    panels: Vec<S>,
    /// Images with padding around them, and their gradients.
    padded: Vec<S>,
    d_padded: Vec<S>,
    /// Tiles of images and of outputs, transformed.
    images: Vec<S>,
    outputs: Vec<S>,
    /// The gradient of the transformed weights; that of the weights, pixel by pixel, and as PyTorch has it.
    sums: Vec<S>,
    d_taps: Vec<S>,
    gradient: Vec<S>,
}

impl<S: Scalar> PlannedWinograd<S> {
    pub fn new(
        slide: Slide,
        padding: [usize; 2],
        tiling: Tiling,
        weight: usize,
        epilogue: Epilogue<S>,
    ) -> Self {
        let zeros = |length| vec![S::ZERO; length];
        PlannedWinograd {
            slide,
            padding,
            tiling,
            weight,
            epilogue,
            taps: Vec::new(),
            panels: zeros(tiling.transformed_weights()),
            padded: Vec::new(),
            d_padded: Vec::new(),
            images: zeros(tiling.transformed_images(TILES)),
            outputs: zeros(tiling.transformed_outputs(TILES)),
            sums: Vec::new(),
            d_taps: Vec::new(),
            gradient: Vec::new(),
        }
    }

    /// Returns the height and width of an image without padding.
    fn sides(&self) -> [usize; 2] {
        [self.slide.height - 2 * self.padding[0], self.slide.width - 2 * self.padding[1]]
    }

    /// Returns how many numbers an image has without padding.
    fn image(&self) -> usize {
        let [height, width] = self.sides();
        height * width * self.slide.channels
    }

    /// Returns whether tiles are whole without padding.
    fn is_bare(&self) -> bool {
        self.tiling.image() == self.image()
    }

    /// Returns how many images are computed at once.
    fn group(&self) -> usize {
        (TILES / self.tiling.tiles_of_an_image()).max(1)
    }

    /// Lays images with padding around them, which makes all tiles whole.
    fn pad(&mut self, images: &[S]) {
        let [height, width] = self.sides();
        let channels = self.slide.channels;
        let size = height * width * channels;
        let length = images.len() / size * self.tiling.image();
        self.padded.resize(self.padded.len().max(length), S::ZERO);
        for (image, to) in images.chunks_exact(size).zip(self.padded.chunks_exact_mut(self.tiling.image())) {
            spread(image, [width, channels], to, self.tiling.width(), self.padding, [1, 1]);
        }
    }

    /// Takes the gradients of images out of those of padded ones.
    fn crop(&self, d_images: &mut [S]) {
        let [height, width] = self.sides();
        let channels = self.slide.channels;
        let [top, left] = self.padding;
        let row = self.tiling.width() * channels;
        let pairs = self
            .d_padded
            .chunks_exact(self.tiling.image())
            .zip(d_images.chunks_exact_mut(height * width * channels));
        for (padded, image) in pairs {
            for (padded, to) in
                padded[top * row..].chunks_exact(row).zip(image.chunks_exact_mut(width * channels))
            {
                to.copy_from_slice(&padded[left * channels..][..width * channels]);
            }
        }
    }
}

/// Cuts tiles into parts of at most [`TILES`], as equal as can be.
fn parts(tiles: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let count = tiles.div_ceil(TILES);
    (0..count).map(move |index| index * tiles / count..(index + 1) * tiles / count)
}

impl<S: Scalar> PlannedLayer<S> for PlannedWinograd<S> {
    fn forward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &mut [S],
    ) {
        let [image, group] = [self.image(), self.group()];
        let is_bare = self.is_bare();
        let tiling = self.tiling;
        self.slide.pack(parameters.values[self.weight], &mut self.taps);
        tiling.transform_weights(&self.taps, &mut self.panels);
        let images = input.values[..pass.batch.samples * image].chunks(group * image);
        for (images, output) in images.zip(output.chunks_mut(group * self.slide.outputs())) {
            if !is_bare {
                self.pad(images);
            }
            let count = images.len() / image;
            let output = &mut output[..count * self.slide.outputs()];
            for tiles in parts(count * tiling.tiles_of_an_image()) {
                let images = if is_bare { images } else { &self.padded };
                tiling.transform_images(images, tiles.clone(), &mut self.images);
                tiling.multiply(tiles.len(), &self.images, &self.panels, &mut self.outputs);
                tiling.write_outputs(&self.outputs, tiles, output);
            }
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
        let is_bare = self.is_bare();
        let tiling = self.tiling;
        let weights = self.slide.weights();
        self.sums.resize(tiling.transformed_weights(), S::ZERO);
        self.d_taps.resize(weights, S::ZERO);
        self.gradient.resize(weights, S::ZERO);
        if d_input.is_some() {
            self.slide.pack_transposed(parameters.values[self.weight], &mut self.taps);
            tiling.transform_transposed_weights(&self.taps, &mut self.panels);
        }
        self.epilogue.begin_backward();
        for first in (0..pass.batch.samples).step_by(group) {
            let count = group.min(pass.batch.samples - first);
            let outputs = first * self.slide.outputs()..(first + count) * self.slide.outputs();
            let inputs = first * image..(first + count) * image;
            let gradients = &mut d_output[outputs.clone()];
            self.epilogue.backward(self.slide.outputs(), &output[outputs], gradients);
            let images = &input.values[inputs.clone()];
            let mut d_images = d_input.as_deref_mut().map(|d_input| &mut d_input[inputs]);
            if let (true, Some(d_images)) = (is_bare, &mut d_images) {
                d_images.fill(S::ZERO);
            } else {
                self.pad(images);
                self.d_padded.clear();
                self.d_padded.resize(count * tiling.image(), S::ZERO);
            }
            for tiles in parts(count * tiling.tiles_of_an_image()) {
                let images = if is_bare { images } else { &self.padded };
                tiling.transform_images(images, tiles.clone(), &mut self.images);
                tiling.transform_gradients(gradients, tiles.clone(), &mut self.outputs);
                let is_first = first == 0 && tiles.start == 0;
                let count = tiles.len();
                tiling.add_weight_gradients(count, &self.images, &self.outputs, is_first, &mut self.sums);
                if let Some(d_images) = &mut d_images {
                    tiling.multiply_back(count, &self.outputs, &self.panels, &mut self.images);
                    let to = if is_bare { &mut **d_images } else { &mut self.d_padded };
                    tiling.add_image_gradients(&self.images, tiles, to);
                }
            }
            if let (false, Some(d_images)) = (is_bare, d_images) {
                self.crop(d_images);
            }
        }
        self.epilogue.end_backward(parameters, sink);
        tiling.weight_gradients(&self.sums, &mut self.d_taps);
        self.slide.unpack(&self.d_taps, &mut self.gradient);
        sink.take(parameters, self.weight, 0, &self.gradient);
    }
}
