//! Pictures of images and of matrices, as SVG.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::report::chart::svg::{Anchor, Svg, number, width};
pub(super) use crate::report::chart::svg::{EDGE, LABEL, NOTE, TITLE, WIDTH};

/// Of what is right, and of what is not: blue and vermilion of Okabe and Ito.
pub(super) const RIGHT: &str = "#0072b2";
pub(super) const WRONG: &str = "#d55e00";

/// An image of any size. Three channels are red, green and blue; of any other number the first is shown, in grey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// The number of channels.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub channels: usize,
    /// The height in pixels.
    pub height: usize,
    /// The width in pixels.
    pub width: usize,
    /// Channel after channel, row after row, from 0 (black) to 1 (white).
    pub pixels: Vec<f32>,
}

fn one() -> usize {
    1
}

fn is_one(count: &usize) -> bool {
    *count == 1
}

/// How values become colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shade {
    /// 0 is black, 1 is white.
    Grey,
    /// 0 is white, the given value dark blue.
    Amount(f32),
    /// 0 is white, less is blue, more is red, as far as the given value.
    Signed(f32),
}

/// The largest level of red, green or blue in an image.
const COLOUR_LEVELS: f32 = 31.0;

/// Different colours of a shade, on either side of 0.
const LEVELS: i32 = 48;

impl Shade {
    fn level(self, value: f32) -> i32 {
        let part = match self {
            Shade::Grey => value.clamp(0.0, 1.0),
            Shade::Amount(most) => (value / most).clamp(0.0, 1.0),
            Shade::Signed(most) => (value / most).clamp(-1.0, 1.0),
        };
        (part * LEVELS as f32).round() as i32
    }

    fn colour(self, level: i32) -> String {
        let part = f64::from(level.abs()) / f64::from(LEVELS);
        match (self, level < 0) {
            (Shade::Grey, _) => mixed(&[[0.0; 3], [255.0; 3]], part),
            (Shade::Amount(_), _) | (_, true) => {
                mixed(&[[255.0; 3], [146.0, 197.0, 222.0], [33.0, 102.0, 172.0], [5.0, 48.0, 97.0]], part)
            }
            (Shade::Signed(_), false) => {
                mixed(&[[255.0; 3], [244.0, 165.0, 130.0], [178.0, 24.0, 43.0], [103.0, 0.0, 31.0]], part)
            }
        }
    }

    /// Returns whether text on it must be white.
    pub fn is_dark(self, value: f32) -> bool {
        let level = self.level(value);
        if self == Shade::Grey { level < LEVELS / 2 } else { level.abs() > LEVELS / 2 }
    }

    /// The values at the ends of its scale.
    fn ends(self) -> [f32; 2] {
        match self {
            Shade::Grey => [0.0, 1.0],
            Shade::Amount(most) => [0.0, most],
            Shade::Signed(most) => [-most, most],
        }
    }
}

/// Between colours in a row, from 0 at the first to 1 at the last.
fn mixed(colours: &[[f64; 3]], part: f64) -> String {
    let place = part * (colours.len() - 1) as f64;
    let below = (place as usize).min(colours.len() - 2);
    let rest = place - below as f64;
    colours[below].iter().zip(colours[below + 1]).fold("#".to_owned(), |mut text, (low, high)| {
        let _ = write!(text, "{:02x}", (low + (high - low) * rest).round() as u8);
        text
    })
}

/// A place and a size, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Area {
    pub fn middle(self) -> f64 {
        self.x + self.width / 2.0
    }

    pub fn bottom(self) -> f64 {
        self.y + self.height
    }

    pub fn right(self) -> f64 {
        self.x + self.width
    }
}

/// Fills an area with a matrix, cell by cell.
pub(super) fn cells<'v>(svg: &mut Svg, area: Area, rows: impl Iterator<Item = &'v [f32]>, shade: Shade) {
    let levels = rows.map(|row| row.iter().map(|value| shade.level(*value)).collect());
    fill(svg, area, levels, |level| shade.colour(level));
}

/// Fills an area with a matrix of colours, cell by cell: a path for every colour, so that a picture of many cells stays
/// small.
fn fill<K: Copy + Ord>(
    svg: &mut Svg,
    area: Area,
    rows: impl Iterator<Item = Vec<K>>,
    colour: impl Fn(K) -> String,
) {
    let mut paths: BTreeMap<K, String> = BTreeMap::new();
    let mut down = 0;
    let mut across = 0;
    for row in rows {
        let mut x = 0;
        across = across.max(row.len());
        for run in row.chunk_by(|a, b| a == b) {
            let length = run.len();
            let path = paths.entry(run[0]).or_default();
            let _ = write!(path, "M{x} {down}h{length}v1h-{length}z");
            x += length;
        }
        down += 1;
    }
    let scale = |pixels: f64, cells: usize| pixels / cells.max(1) as f64;
    let transform = format!(
        "translate({} {}) scale({} {})",
        number(area.x),
        number(area.y),
        scale(area.width, across),
        scale(area.height, down)
    );
    svg.open("g", &[("transform", &transform), ("shape-rendering", "crispEdges")]);
    for (key, path) in paths {
        svg.element("path", &[("fill", &colour(key)), ("d", &path)]);
    }
    svg.close("g");
    frame(svg, area, "#bbb", 1.0);
}

/// An image, in an area of its own proportions.
pub(super) fn image(svg: &mut Svg, area: Area, image: &Image) {
    let width = image.width.max(1);
    let size = image.height * width;
    match image.pixels.get(..3 * size) {
        Some(pixels) if image.channels == 3 => {
            let level = |place: usize| (pixels[place].clamp(0.0, 1.0) * COLOUR_LEVELS).round() as u8;
            let colour_at = |place: usize| [level(place), level(size + place), level(2 * size + place)];
            let rows = (0..image.height).map(|row| (row * width..(row + 1) * width).map(colour_at).collect());
            fill(svg, area, rows, |levels| {
                levels.iter().fold("#".to_owned(), |mut text, level| {
                    let _ = write!(text, "{:02x}", (f32::from(*level) / COLOUR_LEVELS * 255.0).round() as u8);
                    text
                })
            });
        }
        _ => cells(svg, area, image.pixels.chunks(width).take(image.height), Shade::Grey),
    }
}

/// Returns a text that takes no more than so many pixels: the end of a longer one is left out.
pub(super) fn fitted(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut shown = text.to_owned();
    while shown.pop().is_some() && width(&shown, size) + width("…", size) > room {}
    shown + "…"
}

/// Returns of how many rows, each so high, one can be written beside without touching the next.
pub(super) fn every(high: f64) -> usize {
    (1..).find(|count| *count as f64 * high >= LABEL.size).unwrap_or(1)
}

/// The outline of an area.
pub(super) fn frame(svg: &mut Svg, area: Area, colour: &str, thick: f64) {
    let [x, y, width, height, thick] = [area.x, area.y, area.width, area.height, thick].map(number);
    svg.element(
        "rect",
        &[
            ("x", &x),
            ("y", &y),
            ("width", &width),
            ("height", &height),
            ("stroke", colour),
            ("stroke-width", &thick),
        ],
    );
}

/// The scale of a shade, with the values at its ends.
pub(super) fn scale(svg: &mut Svg, [x, y]: [f64; 2], shade: Shade) {
    const LONG: f64 = 90.0;
    const HIGH: f64 = 9.0;
    let [low, high] = shade.ends();
    let steps: Vec<f32> = (0..=48).map(|step| low + (high - low) * step as f32 / 48.0).collect();
    let left = format!("{low}").replace('-', "−");
    let start = x + width(&left, NOTE.size) + 6.0;
    svg.words([x, y + HIGH], Anchor::Start, NOTE, &left);
    cells(svg, Area { x: start, y, width: LONG, height: HIGH }, [steps.as_slice()].into_iter(), shade);
    svg.words([start + LONG + 6.0, y + HIGH], Anchor::Start, NOTE, &format!("{high}"));
}

/// Returns a picture with a title and notes below it. `body` draws from the given height on, and gives the height at
/// which it ends.
pub(super) fn picture(title: &str, notes: &[String], body: impl FnOnce(&mut Svg, f64) -> f64) -> String {
    let mut drawn = Svg::default();
    let top = drawn.heading(title, EDGE);
    let bottom = body(&mut drawn, top + 8.0) + 8.0;
    let bottom = drawn.notes(notes, bottom);
    drawn.picture(title, bottom + EDGE / 2.0)
}

/// Returns the class with the largest probability (the first of equal ones), and that.
pub fn most_probable(probabilities: &[f32]) -> (usize, f32) {
    let best = |best: (usize, f32), (class, &probability): (usize, &f32)| {
        if probability > best.1 { (class, probability) } else { best }
    };
    probabilities.iter().enumerate().fold((0, f32::NEG_INFINITY), best)
}

/// Returns a probability for people: `98 %`, `0.3 %`.
pub(super) fn percent(fraction: f32) -> String {
    match fraction * 100.0 {
        part if part >= 10.0 || part == 0.0 => format!("{part:.0} %"),
        part => format!("{part:.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_meet_at_white_and_differ_at_the_ends() {
        assert_eq!(Shade::Signed(2.0).colour(0), "#ffffff");
        assert_eq!(Shade::Amount(1.0).colour(0), "#ffffff");
        assert_eq!(Shade::Signed(2.0).colour(Shade::Signed(2.0).level(-2.0)), "#053061");
        assert_eq!(Shade::Signed(2.0).colour(Shade::Signed(2.0).level(9.0)), "#67001f");
        assert_eq!(Shade::Grey.colour(Shade::Grey.level(1.0)), "#ffffff");
    }

    #[test]
    fn the_first_of_equal_probabilities_wins() {
        assert_eq!(most_probable(&[0.25, 0.375, 0.375]), (1, 0.375));
    }
}
