//! Words beside points.

use super::content::Mark;
use super::frame::Frame;
use super::svg::{Anchor, Svg, TextStyle, width};

const FACE: TextStyle = TextStyle { size: 11.0, colour: "#333", bold: false, halo: true };
/// From a point's middle to its words.
const GAP: f64 = 6.0;

/// Left, top, right and bottom in pixels.
type LabelArea = [f64; 4];

/// Every label of the marks, where it covers nothing if there is such a place around its point.
pub(super) fn draw(svg: &mut Svg, frame: &Frame, marks: &[&Mark]) {
    let points = marks.iter().filter_map(|mark| match mark {
        Mark::Points(points) => Some(points),
        _ => None,
    });
    let mut taken: Vec<LabelArea> = points
        .flatten()
        .filter_map(|&at| frame.inside(at))
        .map(|[x, y]| [x - 4.0, y - 4.0, x + 4.0, y + 4.0])
        .collect();
    let lines: Vec<[f64; 2]> = marks.iter().flat_map(|mark| along(mark, frame)).collect();
    let labels = marks.iter().filter_map(|mark| match mark {
        Mark::Labels(labels) => Some(labels),
        _ => None,
    });
    for (at, words) in labels.flatten() {
        let Some(at) = frame.inside(*at) else { continue };
        let places = around(at, width(words, FACE.size));
        let cost = |area: &LabelArea| {
            let outside = area[0] < frame.left
                || area[2] > frame.right
                || area[1] < frame.top
                || area[3] > frame.bottom;
            let crossed = lines.iter().any(|at| overlap(area, &[at[0], at[1], at[0], at[1]]));
            let covered = taken.iter().filter(|other| overlap(area, other)).count();
            100 * usize::from(outside) + 2 * covered + usize::from(crossed)
        };
        // The first of the best.
        let Some((area, anchor, place)) = places.into_iter().min_by_key(|(area, ..)| cost(area)) else {
            continue;
        };
        svg.words(place, anchor, FACE, words);
        taken.push(area);
    }
}

/// Places along a line, close enough that no words fit between two of them.
fn along(mark: &Mark, frame: &Frame) -> Vec<[f64; 2]> {
    const BETWEEN: u32 = 100;
    let Mark::Line(points) = mark else { return Vec::new() };
    let places: Vec<[f64; 2]> = points.iter().filter_map(|&at| frame.at(at)).collect();
    let pairs = places.iter().zip(places.iter().skip(1));
    let between = |(from, to): (&[f64; 2], &[f64; 2])| {
        let from = *from;
        let to = *to;
        let part = move |index: u32| f64::from(index) / f64::from(BETWEEN);
        (0..=BETWEEN).map(move |index| [0, 1].map(|axis| from[axis] + (to[axis] - from[axis]) * part(index)))
    };
    pairs.flat_map(between).collect()
}

/// Places of words of this width around a point, the best first: what they cover, and where they begin.
fn around([x, y]: [f64; 2], wide: f64) -> Vec<(LabelArea, Anchor, [f64; 2])> {
    let place = |anchor: Anchor, dx: f64, dy: f64| {
        let x = x + dx;
        let y = y + dy;
        let left = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - wide / 2.0,
            Anchor::End => x - wide,
        };
        ([left, y - FACE.size * 0.8, left + wide, y + FACE.size * 0.25], anchor, [x, y])
    };
    let middle = FACE.size * 0.35;
    let above = -GAP - 2.0;
    let below = GAP + FACE.size * 0.8;
    let mut places = vec![
        place(Anchor::Start, GAP, middle),
        place(Anchor::End, -GAP, middle),
        place(Anchor::Middle, 0.0, above),
        place(Anchor::Middle, 0.0, below),
    ];
    for further in [0.0, FACE.size, FACE.size * 2.0] {
        for dy in [above - further, below + further] {
            places.push(place(Anchor::Start, 2.0, dy));
            places.push(place(Anchor::End, -2.0, dy));
        }
    }
    places
}

fn overlap(a: &LabelArea, b: &LabelArea) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}
