//! Convolutions: products of weights with the pixels below them, without a copy of every patch.
//!
//! A row of a kernel covers pixels that lie next to each other, so it is one run of a product.

use super::product::{GROUP, STRIP, Start, Target, Term, product};
use super::vector::Scalar;

/// Rows of an output shorter than this leave most of a tile of a product empty.
const NARROW: usize = 10;
/// Patches of so many places are copied at once.
const PLACES: usize = 56;

/// So many rows of a weight's gradient are computed for all filters before the next, so that what they read stays in the
/// second cache.
const BLOCK: usize = 224;
/// A run of products of a weight's gradient has about so many.
const RUN: usize = 256;
/// The images of a run are at most so many where rows are not narrow.
const MOST: usize = RUN.div_ceil(NARROW);

/// Images over which a kernel slides.
#[derive(Clone, Copy, Debug)]
pub struct Slide {
    /// The numbers of a pixel.
    pub channels: usize,
    /// The image's height, with padding.
    pub height: usize,
    /// The image's width, with padding.
    pub width: usize,
    /// The kernel's height and width.
    pub kernel: [usize; 2],
    /// How far apart the places of the kernel are, down and across.
    pub stride: [usize; 2],
    /// The numbers of a pixel of the output.
    pub filters: usize,
}

impl Slide {
    /// Returns the height of the output.
    pub fn down(self) -> usize {
        (self.height - self.kernel[0]) / self.stride[0] + 1
    }

    /// Returns the width of the output.
    pub fn across(self) -> usize {
        (self.width - self.kernel[1]) / self.stride[1] + 1
    }

    /// Returns how many numbers an image has.
    pub fn image(self) -> usize {
        self.height * self.width * self.channels
    }

    /// Returns how many numbers the output of an image has.
    pub fn outputs(self) -> usize {
        self.down() * self.across() * self.filters
    }

    /// Returns the number of weights of a filter in one row of the kernel.
    fn row(self) -> usize {
        self.kernel[1] * self.channels
    }

    /// Returns the number of pixels of the kernel.
    fn taps(self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Returns the number of weights of a filter.
    fn patch(self) -> usize {
        self.taps() * self.channels
    }

    /// Returns the number of weights.
    pub fn weights(self) -> usize {
        self.patch() * self.filters
    }

    /// Returns whether rows of the output are so short that patches are copied for longer ones.
    fn is_narrow(self) -> bool {
        self.across() < NARROW
    }

    /// Lays weights (filter, channel, row, column) in strips of filters, with a row for each weight of a patch.
    pub fn pack<S: Scalar>(self, weight: &[S], panels: &mut Vec<S>) {
        let taps = self.taps();
        let begin = |channel, filter| (filter * self.channels + channel) * taps;
        pack([taps, self.channels, self.filters], weight, panels, begin, |tap| tap);
    }

    /// Lays weights for the way [`back`](Self::back): with the kernel turned round, channels as filters.
    pub fn pack_back<S: Scalar>(self, weight: &[S], panels: &mut Vec<S>) {
        let taps = self.taps();
        let begin = |filter, channel| (filter * self.channels + channel) * taps;
        pack([taps, self.filters, self.channels], weight, panels, begin, |tap| taps - 1 - tap);
    }

    /// Lays weights for a pass back with transposed products: channels as filters, the kernel as it is.
    pub fn pack_transposed<S: Scalar>(self, weight: &[S], panels: &mut Vec<S>) {
        let taps = self.taps();
        let begin = |filter, channel| (filter * self.channels + channel) * taps;
        pack([taps, self.filters, self.channels], weight, panels, begin, |tap| tap);
    }

    /// Returns the convolution that computes the gradients of images without their padding, from gradients of the outputs
    /// that are spread by the stride; and how much padding these need above and to the left.
    pub fn back(self, padding: [usize; 2]) -> (Slide, [usize; 2]) {
        let [rows, columns] = self.kernel;
        let slide = Slide {
            channels: self.filters,
            height: self.height - 2 * padding[0] + rows - 1,
            width: self.width - 2 * padding[1] + columns - 1,
            kernel: self.kernel,
            stride: [1, 1],
            filters: self.channels,
        };
        (slide, [rows - 1 - padding[0], columns - 1 - padding[1]])
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

    /// Computes the outputs of some images, filter after filter for each pixel, from packed weights.
    pub fn forward<S: Scalar>(self, images: &[S], panels: &[S], outputs: &mut [S], patches: &mut Vec<S>) {
        let [row, depth] = [self.row(), self.patch()];
        let strips = (0..self.filters).step_by(STRIP).map(|filter| {
            let columns = STRIP.min(self.filters - filter);
            (filter, columns, columns.next_multiple_of(GROUP), &panels[filter * depth..])
        });
        if self.is_narrow() {
            let places = outputs.len() / self.filters;
            for first in (0..places).step_by(PLACES) {
                let count = PLACES.min(places - first);
                self.unfold(images, first..first + count, patches);
                for (filter, columns, width, panel) in strips.clone() {
                    let term = Term::new(patches, [depth, 1], panel, width, depth);
                    let c = &mut outputs[first * self.filters + filter..];
                    product(count, columns, &[term], Start::Zero, Target { c, row: self.filters });
                }
            }
            return;
        }
        for (filter, columns, width, panel) in strips {
            let pairs = images.chunks_exact(self.image()).zip(outputs.chunks_exact_mut(self.outputs()));
            for (image, outputs) in pairs {
                for y in 0..self.down() {
                    let a = &image[y * self.stride[0] * self.width * self.channels..];
                    let strides = [self.stride[1] * self.channels, 1];
                    let term = Term {
                        runs: self.kernel[0],
                        a_run: self.width * self.channels,
                        b_run: row * width,
                        ..Term::new(a, strides, panel, width, row)
                    };
                    let c = &mut outputs[y * self.across() * self.filters + filter..];
                    product(self.across(), columns, &[term], Start::Zero, Target { c, row: self.filters });
                }
            }
        }
    }

    /// Returns how many images [`weight_gradient`](Self::weight_gradient) is given at once.
    pub fn images_of_a_run(self) -> usize {
        RUN.div_ceil(self.down() * self.across())
    }

    /// Adds the gradients of the weights over some images to `sums` (row, column and channel of a patch, filter), or sets
    /// them. `gradients` has those of the outputs, each pixel's filters filled up to a multiple of [`GROUP`].
    pub fn weight_gradient<S: Scalar>(
        self,
        images: &[S],
        gradients: &[S],
        is_first: bool,
        sums: &mut [S],
        patches: &mut Vec<S>,
    ) {
        let filters = self.filters;
        let width = filters.next_multiple_of(GROUP);
        let pixels = self.down() * self.across();
        let start = if is_first { Start::Zero } else { Start::Add };
        let strips = (0..filters).step_by(STRIP).map(|filter| (filter, STRIP.min(filters - filter)));
        if self.is_narrow() {
            let places = images.len() / self.image() * pixels;
            self.unfold(images, 0..places, patches);
            for first in (0..self.patch()).step_by(BLOCK) {
                let rows = BLOCK.min(self.patch() - first);
                for (filter, columns) in strips.clone() {
                    let a = &patches[first..];
                    let term = Term::new(a, [1, self.patch()], &gradients[filter..], width, places);
                    let target = Target { c: &mut sums[first * filters + filter..], row: filters };
                    product(rows, columns, &[term], start, target);
                }
            }
            return;
        }
        for i in 0..self.kernel[0] {
            let sums = &mut sums[i * self.row() * filters..];
            for (filter, columns) in strips.clone() {
                let mut terms = [Term::default(); MOST];
                let images = images.chunks_exact(self.image());
                let count = images.len();
                for (sample, (term, image)) in terms.iter_mut().zip(images).enumerate() {
                    let a = &image[i * self.width * self.channels..];
                    let b = &gradients[sample * pixels * width + filter..];
                    *term = Term {
                        runs: self.down(),
                        a_run: self.stride[0] * self.width * self.channels,
                        b_run: self.across() * width,
                        ..Term::new(a, [1, self.stride[1] * self.channels], b, width, self.across())
                    };
                }
                let target = Target { c: &mut sums[filter..], row: filters };
                product(self.row(), columns, &terms[..count], start, target);
            }
        }
    }

    /// Writes sums as [`weight_gradient`](Self::weight_gradient) leaves them in the order of the weights.
    pub fn unpack<S: Scalar>(self, sums: &[S], gradient: &mut [S]) {
        let taps = self.taps();
        for first in (0..self.filters).step_by(STRIP) {
            for channel in 0..self.channels {
                for filter in first..self.filters.min(first + STRIP) {
                    let to = &mut gradient[(filter * self.channels + channel) * taps..][..taps];
                    for (tap, to) in to.iter_mut().enumerate() {
                        *to = sums[(tap * self.channels + channel) * self.filters + filter];
                    }
                }
            }
        }
    }
}

/// Lays the weights of a kernel of `taps` pixels in strips of columns, with a row for each pixel and each of `depth` inputs.
/// The weights of an input and a column begin at `begin(input, column)`; a pixel's place is `turn(pixel)`.
fn pack<S: Scalar>(
    [taps, depth, columns]: [usize; 3],
    weight: &[S],
    panels: &mut Vec<S>,
    begin: impl Fn(usize, usize) -> usize,
    turn: impl Fn(usize) -> usize,
) {
    panels.resize(panels.len().max(taps * depth * columns.next_multiple_of(GROUP)), S::ZERO);
    for first in (0..columns).step_by(STRIP) {
        let strip = STRIP.min(columns - first);
        let width = strip.next_multiple_of(GROUP);
        let panel = &mut panels[first * taps * depth..];
        for input in 0..depth {
            for column in 0..strip {
                let from = &weight[begin(input, first + column)..][..taps];
                for (tap, weight) in from.iter().enumerate() {
                    panel[(turn(tap) * depth + input) * width + column] = *weight;
                }
            }
        }
    }
}

/// Copies an image of pixels of `channels` numbers, in rows of `width` pixels, into one with rows of `to_width`: `before`
/// pixels are left above and to the left, and pixels are `apart` from each other. All else is set to 0.
pub fn spread<S: Scalar>(
    image: &[S],
    [width, channels]: [usize; 2],
    to: &mut [S],
    to_width: usize,
    before: [usize; 2],
    apart: [usize; 2],
) {
    let mut end = 0;
    for (y, row) in image.chunks_exact(width * channels).enumerate() {
        let begin = ((before[0] + y * apart[0]) * to_width + before[1]) * channels;
        to[end..begin].fill(S::ZERO);
        if apart[1] == 1 {
            end = begin + row.len();
            to[begin..end].copy_from_slice(row);
            continue;
        }
        end = begin + ((width - 1) * apart[1] + 1) * channels;
        to[begin..end].fill(S::ZERO);
        for (x, pixel) in row.chunks_exact(channels).enumerate() {
            let begin = begin + x * apart[1] * channels;
            to[begin..begin + channels].copy_from_slice(pixel);
        }
    }
    to[end..].fill(S::ZERO);
}
