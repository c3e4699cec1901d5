//! The embedded dataset: ten glyphs, drawn by hand-like strokes under random affine changes, with
//! clutter, occlusion and noise. The same bytes on every platform.

mod canvas;
mod shapes;

use canvas::{Canvas, Point, SIDE};
use shapes::{GLYPHS, Stroke};

use super::catalogue::Manifest;
use super::{Buffer, Split, Values};
use crate::recipe::shape::Shape;
use crate::rng::{Purpose, Stream};

/// Decides every image; another seed would be another dataset.
const SEED: u64 = 28;

/// Returns the training and the test split. Image `i` of both, counted on from training to test, has class `i % 10` and
/// depends only on `i`.
pub fn generate(manifest: &Manifest) -> (Split, Split) {
    let train = manifest.train.samples;
    (split(0..train), split(train..train + manifest.test.samples))
}

fn split(indices: std::ops::Range<u32>) -> Split {
    let stream = Stream::new(SEED, Purpose::Glyphs, 0);
    let mut images = Vec::with_capacity(indices.len() * SIDE * SIDE);
    let mut labels = Vec::with_capacity(indices.len());
    for index in indices {
        let class = (index % GLYPHS.len() as u32) as u16;
        images.extend(image(class, &mut stream.item(index.into())));
        labels.push(class);
    }
    Split {
        shape: Shape::Image { channels: 1, height: SIDE as u32, width: SIDE as u32 },
        values: Values::Bytes(Buffer::Owned(images)),
        labels: Buffer::Owned(labels),
    }
}

/// Draws one image of a class.
fn image(class: u16, stream: &mut Stream) -> [u8; SIDE * SIDE] {
    let paper = stream.uniform(0.0, 0.12);
    let ink = stream.uniform(0.5, 1.0);
    let width = stream.uniform(1.0, 2.4);
    let noise = stream.uniform(0.02, 0.12);
    let pose = Pose::draw(stream);
    let mut canvas = Canvas::filled(paper);
    for _ in 0..stream.below(4) {
        let faint = stream.uniform(paper, ink);
        canvas.draw(&scratch(stream), 1.0, faint);
    }
    for stroke in GLYPHS[usize::from(class)] {
        canvas.draw(&pose.place(stroke, stream), width, ink);
    }
    if stream.unit() < 0.3 {
        canvas.draw(&scratch(stream), 1.2, paper);
    }
    canvas.pixels.map(|pixel| to_byte(pixel + noise * roughly_normal(stream)))
}

/// Where and how a glyph lies: pixels from the square of its shape, affine.
struct Pose {
    matrix: [[f64; 2]; 2],
    centre: Point,
}

impl Pose {
    fn draw(stream: &mut Stream) -> Self {
        const RADIUS: f64 = 8.0;
        let angle = stream.uniform(-0.3, 0.3);
        let sin = libm::sin(angle);
        let cos = libm::cos(angle);
        let across = RADIUS * stream.uniform(0.7, 1.1);
        let down = RADIUS * stream.uniform(0.7, 1.1);
        let shear = stream.uniform(-0.3, 0.3);
        let middle = (SIDE as f64 - 1.0) / 2.0;
        Pose {
            matrix: [[across * cos, down * (shear * cos - sin)], [across * sin, down * (shear * sin + cos)]],
            centre: [middle + stream.uniform(-2.3, 2.3), middle + stream.uniform(-2.3, 2.3)],
        }
    }

    /// A stroke's points in pixels, each control point a little off.
    fn place(&self, stroke: &Stroke, stream: &mut Stream) -> Vec<Point> {
        const WOBBLE: f64 = 0.11;
        let points: Vec<Point> = stroke
            .points
            .iter()
            .map(|[x, y]| {
                let [x, y] = [x + stream.uniform(-WOBBLE, WOBBLE), y + stream.uniform(-WOBBLE, WOBBLE)];
                let [to_x, to_y] = self.matrix;
                [self.centre[0] + (to_x[0] * x + to_x[1] * y), self.centre[1] + (to_y[0] * x + to_y[1] * y)]
            })
            .collect();
        if stroke.smooth { canvas::smooth(&points, 4) } else { points }
    }
}

/// A short straight line anywhere.
fn scratch(stream: &mut Stream) -> [Point; 2] {
    let side = SIDE as f64;
    let [x, y] = [stream.uniform(0.0, side), stream.uniform(0.0, side)];
    [[x, y], [x + stream.uniform(-5.0, 5.0), y + stream.uniform(-5.0, 5.0)]]
}

/// Mean 0, variance 1: the sum of four uniform bytes, which needs no logarithm.
fn roughly_normal(stream: &mut Stream) -> f64 {
    let sum: u32 = stream.u32().to_le_bytes().into_iter().map(u32::from).sum();
    // The variance of a uniform byte is (256^2 - 1) / 12.
    const STD: f64 = 147.799_864_681_937_77;
    (f64::from(sum) - 510.0) / STD
}

fn to_byte(intensity: f64) -> u8 {
    (intensity.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::datasets::Catalogue;

    #[test]
    fn every_class_is_there_equally_often() {
        let catalogue = Catalogue::default();
        let manifest = catalogue.find("glyphs").unwrap();
        let (train, test) = generate(manifest);
        for (split, count) in [(&train, manifest.train.samples), (&test, manifest.test.samples)] {
            assert_eq!(split.len(), count as usize);
            assert_eq!(split.values.len(), count as usize * SIDE * SIDE);
            for class in 0..10 {
                let labels = split.labels.as_slice();
                assert_eq!(labels.iter().filter(|&&label| label == class).count(), count as usize / 10);
            }
        }
    }

    #[test]
    fn noise_has_mean_zero_and_variance_one() {
        let mut stream = Stream::new(1, Purpose::Probe, 0);
        let drawn: Vec<f64> = (0..100_000).map(|_| roughly_normal(&mut stream)).collect();
        let mean = drawn.iter().sum::<f64>() / 1e5;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.0125 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
    }
}
