//! A contact sheet: images of every class, before and after their transforms.

use super::maker::SampleMaker;
use super::pipeline::Pipeline;
use super::{Error, Split};
use crate::recipe::DataPlan;
use crate::recipe::shape::Shape;
use crate::rng::{Purpose, Stream};

/// Most images in a row.
const COLUMNS: usize = 10;
/// Height and width of an image on the sheet.
const CELL: usize = 56;
/// Between columns, and between an image and what became of it.
const GAP: usize = 4;
/// Between rows, and around the sheet.
const SPACE: usize = 14;
/// Left of the images, for the class.
const MARGIN: usize = 36;
/// How large a pixel of a digit is.
const DIGIT_SCALE: usize = 4;

const PAPER: u8 = 245;
const INK: u8 = 30;

/// The digits 0 to 9, three pixels wide and five high, a bit a pixel.
const DIGITS: [[u8; 5]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

/// A picture of red, green and blue pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The height in pixels.
    pub height: usize,
    /// The width in pixels.
    pub width: usize,
    /// The pixels, row after row, three bytes each.
    pub pixels: Vec<[u8; 3]>,
}

/// Returns about `count` images of a split, equally many of each class, each row of one class with that class written
/// before it. Which ones, and what is drawn for their transforms, follows from `seed`. With a plan, what its transforms
/// for training (but not its normalisation) make of an image is below it.
///
/// # Errors
/// Returns an error if the plan asks for what cannot be done.
pub fn sheet(
    split: &Split,
    classes: u32,
    count: usize,
    plan: Option<&DataPlan>,
    seed: u64,
) -> Result<Picture, Error> {
    let rows = rows(split, classes, count, seed);
    let chosen: Vec<u32> = rows.iter().flat_map(|(_, indices)| indices).copied().collect();
    let (selected, _) = split.select(&chosen);
    let size = split.sample_len();
    let mut before = vec![0.0; chosen.len() * size];
    before.chunks_exact_mut(size).enumerate().for_each(|(place, sample)| selected.read(place, sample));
    let after = match plan {
        Some(plan) => {
            let plan = DataPlan { normalize: None, ..plan.clone() };
            let pipeline = Pipeline::for_training(&plan, split.shape, seed)?;
            Some((pipeline.output(), SampleMaker::new(pipeline, selected, 1).all()))
        }
        None => None,
    };

    let lines = if after.is_some() { 2 } else { 1 };
    let pitch = lines * (CELL + GAP) - GAP + SPACE;
    let columns = rows.iter().map(|(_, indices)| indices.len()).max().unwrap_or(0);
    let mut picture =
        Picture::blank(rows.len() * pitch + SPACE, MARGIN + columns * (CELL + GAP) - GAP + SPACE);
    let mut cells = Vec::new();
    for (row, (class, indices)) in rows.iter().enumerate() {
        let top = SPACE + row * pitch;
        picture.number(top + (pitch - SPACE) / 2, *class);
        cells.extend((0..indices.len()).map(|column| (top, column)));
    }
    for ((top, column), image) in cells.iter().zip(before.chunks_exact(size)) {
        picture.image(*top, *column, split.shape, image);
    }
    if let Some((shape, images)) = after {
        let size = shape.values() as usize;
        // Appended copies come last.
        let changed = &images[images.len() - cells.len() * size..];
        for ((top, column), image) in cells.iter().zip(changed.chunks_exact(size)) {
            picture.image(top + CELL + GAP, *column, shape, image);
        }
    }
    Ok(picture)
}

/// Classes and the indices of their images, at most [`COLUMNS`] a row.
fn rows(split: &Split, classes: u32, count: usize, seed: u64) -> Vec<(usize, Vec<u32>)> {
    let order = Stream::new(seed, Purpose::Split, 0).permutation(split.len());
    let labels = split.labels.as_slice();
    let classes = classes as usize;
    let mut rows = Vec::new();
    for class in 0..classes {
        let of_class = order.iter().copied().filter(|&index| usize::from(labels[index as usize]) == class);
        let chosen: Vec<u32> = of_class.take(count.div_ceil(classes)).collect();
        rows.extend(chosen.chunks(COLUMNS).map(|row| (class, row.to_vec())));
    }
    rows
}

impl Picture {
    fn blank(height: usize, width: usize) -> Self {
        Picture { height, width, pixels: vec![[PAPER; 3]; height * width] }
    }

    /// Puts a sample of `shape` in a column, enlarged or reduced to a cell: an image of three channels in their colours,
    /// one of others in the grey of its first, a sequence with its steps across and its features down.
    fn image(&mut self, top: usize, column: usize, shape: Shape, values: &[f32]) {
        let left = MARGIN + column * (CELL + GAP);
        let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        let pixel = |down: usize, across: usize| match shape {
            Shape::Image { channels, height, width } => {
                let [height, width] = [height as usize, width as usize];
                let place = down * height / CELL * width + across * width / CELL;
                let channel = |index: usize| byte(values[index * height * width + place]);
                if channels == 3 { [0, 1, 2].map(channel) } else { [channel(0); 3] }
            }
            Shape::Sequence { steps, features } => {
                let feature = down * features as usize / CELL;
                [byte(values[across * steps as usize / CELL * features as usize + feature]); 3]
            }
            Shape::Vector { features } => [byte(values[across * features as usize / CELL]); 3],
        };
        for y in 0..CELL {
            let line = &mut self.pixels[(top + y) * self.width + left..][..CELL];
            line.iter_mut().enumerate().for_each(|(x, target)| *target = pixel(y, x));
        }
    }

    /// Writes a number into the margin, around the height of `middle`.
    fn number(&mut self, middle: usize, value: usize) {
        let top = middle - 5 * DIGIT_SCALE / 2;
        let mut right = MARGIN - SPACE / 2;
        let mut rest = value;
        loop {
            right = right.saturating_sub(3 * DIGIT_SCALE);
            self.digit(top, right, DIGITS[rest % 10]);
            right = right.saturating_sub(DIGIT_SCALE);
            rest /= 10;
            if rest == 0 {
                return;
            }
        }
    }

    fn digit(&mut self, top: usize, left: usize, digit: [u8; 5]) {
        for (y, bits) in digit.into_iter().flat_map(|bits| [bits; DIGIT_SCALE]).enumerate() {
            for x in 0..3 * DIGIT_SCALE {
                if bits >> (2 - x / DIGIT_SCALE) & 1 == 1 {
                    self.pixels[(top + y) * self.width + left + x] = [INK; 3];
                }
            }
        }
    }
}
