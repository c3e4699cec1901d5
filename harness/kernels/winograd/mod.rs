//! Convolutions of 3 x 3 pixels by Winograd's minimal filtering, which needs 16 products where 36 are taken otherwise.
//!
//! Images d are cut into tiles of 4 x 4 pixels that overlap by two, so that each has 2 x 2 outputs y. With fixed matrices A,
//! B and G and a kernel g they are y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A (Lavin and Gray, "Fast Algorithms for Convolutional Neural
//! Networks", 2015, F(2 x 2, 3 x 3); here the last row of Bᵀ and the last column of Aᵀ have the other sign). Over the
//! channels, the 16 elementwise products are 16 matrix products. A pass back is the same with all matrices transposed. All
//! three matrices hold 0, ±1 and ±1/2 only, so little is lost to rounding.

mod matrices;

use std::ops::Range;

use matrices::{OfImages, OfOutputs, OfWeights, ToImages, ToOutputs, ToWeights, load, store, transform};

use super::convolution::Slide;
use super::isa::with_registers;
use super::product::{GROUP, STRIP, Start, Target, Term, product};
use super::vector::Scalar;

/// The elements of a transformed tile, and so the planes of transformed images, outputs and weights.
const PLANES: usize = 16;

/// Images of which a kernel's outputs are computed in tiles.
#[derive(Clone, Copy, Debug)]
pub struct Tiling {
    /// The numbers of a pixel of the images, a multiple of [`GROUP`].
    channels: usize,
    /// The numbers of a pixel of the outputs, a multiple of [`GROUP`].
    filters: usize,
    /// The height and width of the outputs.
    outputs: [usize; 2],
    /// The tiles of an image, down and across.
    tiles: [usize; 2],
}

impl Tiling {
    /// Returns how a convolution's outputs are computed in tiles, or `None` if they can't be or tiles would gain nothing.
    pub fn new(slide: Slide) -> Option<Self> {
        let is_whole = |count: usize| count.is_multiple_of(GROUP);
        let fits = slide.kernel == [3, 3] && slide.stride == [1, 1] && is_whole(slide.channels);
        let outputs = [slide.down(), slide.across()];
        (fits && is_whole(slide.filters)).then_some(Tiling {
            channels: slide.channels,
            filters: slide.filters,
            outputs,
            tiles: outputs.map(|side| side.div_ceil(2)),
        })
    }

    /// Returns the number of tiles of an image.
    pub fn tiles_of_an_image(self) -> usize {
        self.tiles[0] * self.tiles[1]
    }

    /// Returns the width that images are padded to.
    pub fn width(self) -> usize {
        2 * self.tiles[1] + 2
    }

    /// Returns how many numbers a padded image has: its tiles are whole.
    pub fn image(self) -> usize {
        (2 * self.tiles[0] + 2) * self.width() * self.channels
    }

    /// Returns how many numbers `tiles` transformed tiles of images have.
    pub fn transformed_images(self, tiles: usize) -> usize {
        PLANES * tiles * row(self.channels)
    }

    /// Returns how many numbers `tiles` transformed tiles of outputs have.
    pub fn transformed_outputs(self, tiles: usize) -> usize {
        PLANES * tiles * row(self.filters)
    }

    /// Returns how many numbers the transformed weights have.
    pub fn transformed_weights(self) -> usize {
        PLANES * self.channels * self.filters
    }

    /// Returns the image of a tile, counted over all images, and the place of its first output.
    fn place(self, tile: usize) -> (usize, [usize; 2]) {
        let across = self.tiles[1];
        let of_image = tile % self.tiles_of_an_image();
        (tile / self.tiles_of_an_image(), [of_image / across * 2, of_image % across * 2])
    }

    /// Returns where a tile of padded images begins.
    fn corner(self, tile: usize) -> usize {
        let (image, [y, x]) = self.place(tile);
        image * self.image() + (y * self.width() + x) * self.channels
    }

    /// Returns where each of a tile's 2 x 2 outputs begins; `None` where one lies beyond the edge.
    fn output_places(self, tile: usize) -> [[Option<usize>; 2]; 2] {
        let [down, across] = self.outputs;
        let (image, [y, x]) = self.place(tile);
        let place =
            |y, x| (y < down && x < across).then_some(((image * down + y) * across + x) * self.filters);
        [[place(y, x), place(y, x + 1)], [place(y + 1, x), place(y + 1, x + 1)]]
    }

    /// Transforms weights packed by [`Slide::pack`], strip by strip: Gᵀ's way, from 9 pixels to 16 planes.
    pub fn transform_weights<S: Scalar>(self, taps: &[S], panels: &mut [S]) {
        transform_panels(self.channels, self.filters, taps, panels);
    }

    /// Transforms weights packed by [`Slide::pack_transposed`], for the way back.
    pub fn transform_transposed_weights<S: Scalar>(self, taps: &[S], panels: &mut [S]) {
        transform_panels(self.filters, self.channels, taps, panels);
    }

    /// Transforms tiles of padded images: Bᵀ d B.
    pub fn transform_images<S: Scalar>(self, images: &[S], tiles: Range<usize>, to: &mut [S]) {
        assert!(to.len() >= self.transformed_images(tiles.len()), "there is room for all tiles");
        assert!(
            images.len() >= tiles.end.div_ceil(self.tiles_of_an_image()) * self.image(),
            "images are whole"
        );
        // SAFETY: the tiles are there, as is the room.
        unsafe { transform_images(self, images.as_ptr(), tiles, to.as_mut_ptr()) }
    }

    /// Multiplies transformed tiles of images with transformed weights, which gives those of outputs.
    pub fn multiply<S: Scalar>(self, tiles: usize, images: &[S], panels: &[S], outputs: &mut [S]) {
        multiply(tiles, [self.channels, self.filters], images, panels, outputs);
    }

    /// Multiplies transformed tiles of outputs' gradients with transposed weights, which gives those of images.
    pub fn multiply_back<S: Scalar>(self, tiles: usize, outputs: &[S], panels: &[S], images: &mut [S]) {
        multiply(tiles, [self.filters, self.channels], outputs, panels, images);
    }

    /// Writes the outputs of tiles: Aᵀ m A.
    pub fn write_outputs<S: Scalar>(self, from: &[S], tiles: Range<usize>, outputs: &mut [S]) {
        self.check_outputs(from.len(), &tiles, outputs.len());
        // SAFETY: the tiles are there, as are the outputs.
        unsafe { write_outputs(self, from.as_ptr(), tiles, outputs.as_mut_ptr()) }
    }

    /// Transforms gradients of outputs: A y Aᵀ.
    pub fn transform_gradients<S: Scalar>(self, gradients: &[S], tiles: Range<usize>, to: &mut [S]) {
        self.check_outputs(to.len(), &tiles, gradients.len());
        // SAFETY: the gradients are there, as is the room.
        unsafe { transform_gradients(self, gradients.as_ptr(), tiles, to.as_mut_ptr()) }
    }

    fn check_outputs(self, transformed: usize, tiles: &Range<usize>, outputs: usize) {
        let of_image = self.outputs[0] * self.outputs[1] * self.filters;
        assert!(transformed >= self.transformed_outputs(tiles.len()), "there is room for all tiles");
        assert!(outputs >= tiles.end.div_ceil(self.tiles_of_an_image()) * of_image, "outputs are whole");
    }

    /// Adds the gradients of transformed weights over some tiles to `sums` (plane, channel, filter), or sets them.
    pub fn add_weight_gradients<S: Scalar>(
        self,
        tiles: usize,
        images: &[S],
        gradients: &[S],
        is_first: bool,
        sums: &mut [S],
    ) {
        let [channels, filters] = [self.channels, self.filters];
        let start = || if is_first { Start::Zero } else { Start::Add };
        for plane in 0..PLANES {
            let images = &images[plane * tiles * row(channels)..];
            let gradients = &gradients[plane * tiles * row(filters)..];
            let sums = &mut sums[plane * channels * filters..];
            for first in (0..filters).step_by(STRIP) {
                let term = Term::new(images, [1, row(channels)], &gradients[first..], row(filters), tiles);
                let target = Target { c: &mut sums[first..], row: filters };
                product(channels, STRIP.min(filters - first), &[term], start(), target);
            }
        }
    }

    /// Writes sums as [`add_weight_gradients`](Self::add_weight_gradients) leaves them as [`Slide::weight_gradient`] does:
    /// Gᵀ u G, from 16 planes to 9 pixels.
    pub fn weight_gradients<S: Scalar>(self, sums: &[S], taps: &mut [S]) {
        let plane = self.channels * self.filters;
        assert!(sums.len() >= PLANES * plane && taps.len() >= 9 * plane, "the planes are whole");
        // SAFETY: the planes are whole, and consist of whole registers.
        unsafe { weight_gradients(plane, sums.as_ptr(), taps.as_mut_ptr()) }
    }

    /// Adds the gradients of tiles to those of padded images: B v Bᵀ.
    pub fn add_image_gradients<S: Scalar>(self, from: &[S], tiles: Range<usize>, images: &mut [S]) {
        assert!(from.len() >= self.transformed_images(tiles.len()), "the tiles are whole");
        assert!(
            images.len() >= tiles.end.div_ceil(self.tiles_of_an_image()) * self.image(),
            "images are whole"
        );
        // SAFETY: the tiles are there, as are the images.
        unsafe { add_image_gradients(self, from.as_ptr(), tiles, images.as_mut_ptr()) }
    }
}

/// Returns how far apart the rows of transformed tiles are: an odd number of groups, so that elements of a column lie in
/// different sets of the cache.
fn row(columns: usize) -> usize {
    if (columns / GROUP).is_multiple_of(2) { columns + GROUP } else { columns }
}

/// Computes the products of all planes.
fn multiply<S: Scalar>(tiles: usize, [depth, columns]: [usize; 2], from: &[S], panels: &[S], to: &mut [S]) {
    for plane in 0..PLANES {
        let from = &from[plane * tiles * row(depth)..];
        let panels = &panels[plane * depth * columns..];
        let to = &mut to[plane * tiles * row(columns)..];
        for first in (0..columns).step_by(STRIP) {
            let width = STRIP.min(columns - first);
            let term = Term::new(from, [row(depth), 1], &panels[first * depth..], width, depth);
            product(tiles, width, &[term], Start::Zero, Target { c: &mut to[first..], row: row(columns) });
        }
    }
}

fn transform_panels<S: Scalar>(depth: usize, columns: usize, taps: &[S], panels: &mut [S]) {
    assert!(
        taps.len() >= 9 * depth * columns && panels.len() >= PLANES * depth * columns,
        "panels are whole"
    );
    // SAFETY: the panels are whole, and consist of whole registers.
    unsafe { transform_weights(depth, columns, taps.as_ptr(), panels.as_mut_ptr()) }
}

with_registers! {
    unsafe fn transform_weights<S, V>(depth: usize, columns: usize, taps: *const S, panels: *mut S) {
        // Whatever the width of a strip, a pixel's panel and a plane's are as long and in the same order.
        for first in (0..columns).step_by(STRIP) {
            let length = depth * STRIP.min(columns - first);
            let begin = first * depth;
            for place in (0..length).step_by(V::LANES) {
                // SAFETY: the caller's.
                unsafe {
                    let tile = load::<V, 3>(taps.add(9 * begin + place), [3 * length, length]);
                    let plane = depth * columns;
                    let to = panels.add(begin + place);
                    store(transform::<OfWeights, V, 3, 4>(tile), to, [4 * plane, plane]);
                }
            }
        }
    }

    unsafe fn weight_gradients<S, V>(plane: usize, sums: *const S, taps: *mut S) {
        for place in (0..plane).step_by(V::LANES) {
            // SAFETY: the caller's.
            unsafe {
                let tile = load::<V, 4>(sums.add(place), [4 * plane, plane]);
                store(transform::<ToWeights, V, 4, 3>(tile), taps.add(place), [3 * plane, plane]);
            }
        }
    }

    unsafe fn transform_images<S, V>(tiling: Tiling, images: *const S, tiles: Range<usize>, to: *mut S) {
        let channels = tiling.channels;
        let plane = tiles.len() * row(channels);
        for (index, tile) in tiles.enumerate() {
            for channel in (0..channels).step_by(V::LANES) {
                // SAFETY: the caller's.
                unsafe {
                    let from = images.add(tiling.corner(tile) + channel);
                    let tile = load::<V, 4>(from, [tiling.width() * channels, channels]);
                    let to = to.add(index * row(channels) + channel);
                    store(transform::<OfImages, V, 4, 4>(tile), to, [4 * plane, plane]);
                }
            }
        }
    }

    unsafe fn add_image_gradients<S, V>(tiling: Tiling, from: *const S, tiles: Range<usize>, images: *mut S) {
        let channels = tiling.channels;
        let plane = tiles.len() * row(channels);
        let strides = [tiling.width() * channels, channels];
        for (index, tile) in tiles.enumerate() {
            for channel in (0..channels).step_by(V::LANES) {
                // SAFETY: the caller's.
                unsafe {
                    let from = load::<V, 4>(from.add(index * row(channels) + channel), [4 * plane, plane]);
                    let gradients = transform::<ToImages, V, 4, 4>(from);
                    let to = images.add(tiling.corner(tile) + channel);
                    let mut sums = load::<V, 4>(to, strides);
                    for (sums, gradients) in sums.iter_mut().zip(gradients) {
                        for (sum, gradient) in sums.iter_mut().zip(gradients) {
                            *sum = sum.plus(gradient);
                        }
                    }
                    store(sums, to, strides);
                }
            }
        }
    }

    unsafe fn write_outputs<S, V>(tiling: Tiling, from: *const S, tiles: Range<usize>, outputs: *mut S) {
        let filters = tiling.filters;
        let plane = tiles.len() * row(filters);
        for (index, tile) in tiles.enumerate() {
            let places = tiling.output_places(tile);
            for filter in (0..filters).step_by(V::LANES) {
                // SAFETY: the caller's.
                unsafe {
                    let from = load::<V, 4>(from.add(index * row(filters) + filter), [4 * plane, plane]);
                    let values = transform::<ToOutputs, V, 4, 2>(from);
                    for (places, values) in places.iter().zip(values) {
                        for (place, value) in places.iter().zip(values) {
                            if let Some(place) = place {
                                value.store(outputs.add(place + filter));
                            }
                        }
                    }
                }
            }
        }
    }

    unsafe fn transform_gradients<S, V>(tiling: Tiling, gradients: *const S, tiles: Range<usize>, to: *mut S) {
        let filters = tiling.filters;
        let plane = tiles.len() * row(filters);
        for (index, tile) in tiles.enumerate() {
            let places = tiling.output_places(tile);
            for filter in (0..filters).step_by(V::LANES) {
                // SAFETY: the caller's.
                unsafe {
                    let mut values = [[V::splat(S::ZERO); 2]; 2];
                    for (values, places) in values.iter_mut().zip(places) {
                        for (value, place) in values.iter_mut().zip(places) {
                            if let Some(place) = place {
                                *value = V::load(gradients.add(place + filter));
                            }
                        }
                    }
                    let to = to.add(index * row(filters) + filter);
                    store(transform::<OfOutputs, V, 2, 4>(values), to, [4 * plane, plane]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::convolution::spread;
    use crate::kernels::isa::tests::with_each;
    use crate::kernels::tests::drawn;

    /// What a convolution computes of images without padding: outputs, and the gradients of weights and of images for these
    /// outputs as gradients.
    fn in_tiles<S: Scalar>(slide: Slide, images: &[S], weights: &[S]) -> [Vec<S>; 3] {
        let tiling = Tiling::new(slide).unwrap();
        let count = images.len() / slide.image();
        let tiles = count * tiling.tiles_of_an_image();
        let zeros = |length| vec![S::ZERO; length];
        let mut padded = zeros(count * tiling.image());
        for (image, to) in images.chunks_exact(slide.image()).zip(padded.chunks_exact_mut(tiling.image())) {
            spread(image, [slide.width, slide.channels], to, tiling.width(), [0, 0], [1, 1]);
        }
        let mut taps = Vec::new();
        let mut panels = zeros(tiling.transformed_weights());
        slide.pack(weights, &mut taps);
        tiling.transform_weights(&taps, &mut panels);
        let mut d = zeros(tiling.transformed_images(tiles));
        let mut y = zeros(tiling.transformed_outputs(tiles));
        tiling.transform_images(&padded, 0..tiles, &mut d);
        tiling.multiply(tiles, &d, &panels, &mut y);
        let mut outputs = zeros(count * slide.outputs());
        tiling.write_outputs(&y, 0..tiles, &mut outputs);

        tiling.transform_gradients(&outputs, 0..tiles, &mut y);
        let mut sums = zeros(tiling.transformed_weights());
        tiling.add_weight_gradients(tiles, &d, &y, true, &mut sums);
        let mut d_taps = zeros(weights.len());
        let mut d_weights = zeros(weights.len());
        tiling.weight_gradients(&sums, &mut d_taps);
        slide.unpack(&d_taps, &mut d_weights);

        slide.pack_transposed(weights, &mut taps);
        tiling.transform_transposed_weights(&taps, &mut panels);
        tiling.multiply_back(tiles, &y, &panels, &mut d);
        padded.fill(S::ZERO);
        tiling.add_image_gradients(&d, 0..tiles, &mut padded);
        let row = tiling.width() * slide.channels;
        let d_images = padded.chunks_exact(tiling.image()).flat_map(|image| {
            let rows = image.chunks_exact(row).take(slide.height);
            rows.flat_map(|row| row[..slide.width * slide.channels].iter().copied())
        });
        [outputs, d_weights, d_images.collect()]
    }

    /// The same by the definition of a convolution.
    fn by_hand(slide: Slide, images: &[f64], weights: &[f64]) -> [Vec<f64>; 3] {
        let Slide { channels, width, filters, .. } = slide;
        let count = images.len() / slide.image();
        let mut outputs = vec![0.0; count * slide.outputs()];
        let mut d_weights = vec![0.0; weights.len()];
        let mut d_images = vec![0.0; images.len()];
        for place in 0..count * slide.down() * slide.across() {
            let [image, pixel] =
                [place / (slide.down() * slide.across()), place % (slide.down() * slide.across())];
            let [y, x] = [pixel / slide.across(), pixel % slide.across()];
            for filter in 0..filters {
                let pairs = || {
                    (0..9 * channels).map(move |index| {
                        let [channel, tap] = [index / 9, index % 9];
                        let from = image * slide.image() + ((y + tap / 3) * width + x + tap % 3) * channels;
                        (from + channel, (filter * channels + channel) * 9 + tap)
                    })
                };
                let sum: f64 = pairs().map(|(from, weight)| images[from] * weights[weight]).sum();
                outputs[place * filters + filter] = sum;
                for (from, weight) in pairs() {
                    d_weights[weight] += images[from] * sum;
                    d_images[from] += weights[weight] * sum;
                }
            }
        }
        [outputs, d_weights, d_images]
    }

    /// Images with even and odd numbers of outputs, and one or several strips of channels and of filters.
    fn slides() -> [Slide; 3] {
        [[16, 6, 8, 48], [48, 7, 5, 16], [32, 5, 6, 32]].map(|[channels, height, width, filters]| Slide {
            channels,
            height,
            width,
            kernel: [3, 3],
            stride: [1, 1],
            filters,
        })
    }

    #[test]
    fn tiles_give_what_the_definition_gives() {
        for slide in slides() {
            let images: Vec<f64> = drawn(2 * slide.image(), 1);
            let weights: Vec<f64> = drawn(slide.weights(), 2);
            let wanted = by_hand(slide, &images, &weights);
            for computed in with_each(|| in_tiles(slide, &images, &weights)) {
                for (computed, wanted) in computed.iter().zip(&wanted) {
                    let largest = wanted.iter().fold(0.0f64, |most, value| most.max(value.abs()));
                    assert_eq!(computed.len(), wanted.len());
                    for (computed, wanted) in computed.iter().zip(wanted) {
                        assert!((computed - wanted).abs() < 1e-14 * largest, "{computed} is not {wanted}");
                    }
                }
            }
        }
    }

    #[test]
    fn every_set_gives_the_same_bits() {
        for slide in slides() {
            let images: Vec<f32> = drawn(3 * slide.image(), 1);
            let weights: Vec<f32> = drawn(slide.weights(), 2);
            let computed = with_each(|| in_tiles(slide, &images, &weights));
            assert!(computed.windows(2).all(|pair| pair[0] == pair[1]));
        }
    }

    #[test]
    fn other_convolutions_are_not_cut_into_tiles() {
        let [slide, ..] = slides();
        let others = [
            Slide { channels: 3, ..slide },
            Slide { filters: 40, ..slide },
            Slide { stride: [1, 2], ..slide },
            Slide { kernel: [5, 3], ..slide },
        ];
        assert!(others.into_iter().all(|slide| Tiling::new(slide).is_none()));
    }
}
