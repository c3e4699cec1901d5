//! Lines, points, bands and boxes within the plot, and their keys in the legend.

use super::content::{Mark, Series, SeriesStyle};
use super::frame::Frame;
use super::labels;
use super::svg::{Svg, number};
use crate::stats::Summary;

/// Okabe and Ito's, in the order in which they are told apart best.
pub(super) const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
pub(super) const DASHES: [&str; 3] = ["", "7 4", "2 3"];
const RADIUS: f64 = 3.0;

impl SeriesStyle {
    fn colour(self) -> &'static str {
        COLOURS[self.colour % COLOURS.len()]
    }

    fn stroke(self) -> Vec<(&'static str, &'static str)> {
        let mut stroke = vec![("stroke", self.colour()), ("stroke-width", "1.8")];
        match DASHES[self.pattern % DASHES.len()] {
            "" => {}
            dashes => stroke.push(("stroke-dasharray", dashes)),
        }
        stroke
    }

    /// How a point is filled.
    fn fill(self) -> &'static str {
        if self.pattern.is_multiple_of(DASHES.len()) { self.colour() } else { "#fff" }
    }
}

/// All marks, cut off at the plot's edges: bands first, words last.
pub(super) fn draw(svg: &mut Svg, frame: &Frame, series: &[(&Series, SeriesStyle)]) {
    // A line along the edge has its whole width.
    const ROOM: f64 = 2.0;
    let x = number(frame.left - ROOM);
    let y = number(frame.top - ROOM);
    let width = number(frame.right - frame.left + 2.0 * ROOM);
    let height = number(frame.bottom - frame.top + 2.0 * ROOM);
    let view = format!("{x} {y} {width} {height}");
    svg.open("svg", &[("x", &x), ("y", &y), ("width", &width), ("height", &height), ("viewBox", &view)]);
    let all = || series.iter().flat_map(|(series, look)| series.marks.iter().map(move |mark| (mark, *look)));
    for (mark, look) in all() {
        if let Mark::Band(points) = mark {
            band(svg, frame, points, look);
        }
    }
    for (mark, look) in all() {
        match mark {
            Mark::Line(points) => line(svg, frame, points, look),
            Mark::Steps(points) => {
                let corners = points.iter().zip(points.iter().skip(1));
                let mut stairs: Vec<[f64; 2]> = corners.flat_map(|(a, b)| [*a, [b[0], a[1]]]).collect();
                stairs.extend(points.last());
                line(svg, frame, &stairs, look);
            }
            _ => {}
        }
    }
    svg.close("svg");
    for (mark, look) in all() {
        match mark {
            Mark::Points(points) => {
                points.iter().filter_map(|&at| frame.inside(at)).for_each(|at| point(svg, at, look))
            }
            Mark::Boxes(boxes) => boxes.iter().for_each(|(at, values)| of_box(svg, frame, *at, values, look)),
            _ => {}
        }
    }
    labels::draw(svg, frame, &all().map(|(mark, _)| mark).collect::<Vec<_>>());
}

/// The legend's picture of a series, from its left middle on.
pub(super) fn key(svg: &mut Svg, [x, y]: [f64; 2], width: f64, series: &Series, look: SeriesStyle) {
    let has = |wanted: fn(&Mark) -> bool| series.marks.iter().any(wanted);
    let lined = has(|mark| matches!(mark, Mark::Line(_) | Mark::Steps(_)));
    if has(|mark| matches!(mark, Mark::Band(_))) {
        area(svg, [x, y - 5.0, width, 10.0], look);
    }
    if lined {
        svg.line([x, y], [x + width, y], &look.stroke());
    }
    if has(|mark| matches!(mark, Mark::Points(_) | Mark::Boxes(_))) {
        point(svg, [x + width / 2.0, y], look);
    }
}

/// Parts of `points` without a gap.
fn unbroken<const N: usize>(points: &[[f64; N]], shown: impl Fn(&[f64; N]) -> bool) -> Vec<&[[f64; N]]> {
    points.split(|point| !shown(point)).filter(|part| !part.is_empty()).collect()
}

fn path(frame: &Frame, points: impl Iterator<Item = [f64; 2]>) -> String {
    let places = points.filter_map(|at| frame.at(at));
    let place = |(index, [x, y]): (usize, [f64; 2])| {
        format!("{}{} {}", if index == 0 { "M" } else { "L" }, number(x), number(y))
    };
    places.enumerate().map(place).collect()
}

fn line(svg: &mut Svg, frame: &Frame, points: &[[f64; 2]], look: SeriesStyle) {
    for part in unbroken(points, |&at| frame.at(at).is_some()) {
        if let &[[x, y]] = part {
            frame.inside([x, y]).into_iter().for_each(|at| point(svg, at, look));
            continue;
        }
        let path = path(frame, part.iter().copied());
        svg.element("path", &[&[("d", path.as_str())], look.stroke().as_slice()].concat());
    }
}

fn band(svg: &mut Svg, frame: &Frame, points: &[[f64; 3]], look: SeriesStyle) {
    let shown = |&[x, low, high]: &[f64; 3]| frame.at([x, low]).is_some() && frame.at([x, high]).is_some();
    for part in unbroken(points, shown) {
        let lower = part.iter().map(|&[x, low, _]| [x, low]);
        let upper = part.iter().rev().map(|&[x, _, high]| [x, high]);
        let path = path(frame, lower.chain(upper)) + "Z";
        svg.element("path", &[("d", &path), ("fill", look.colour()), ("fill-opacity", "0.16")]);
    }
}

fn area(svg: &mut Svg, [x, y, width, height]: [f64; 4], look: SeriesStyle) {
    let x = number(x);
    let y = number(y);
    let width = number(width);
    let height = number(height);
    let place = [("x", x.as_str()), ("y", &y), ("width", &width), ("height", &height)];
    svg.element("rect", &[&place[..], &[("fill", look.colour()), ("fill-opacity", "0.16")]].concat());
}

fn point(svg: &mut Svg, [x, y]: [f64; 2], look: SeriesStyle) {
    let x = number(x);
    let y = number(y);
    let radius = number(RADIUS);
    let circle = [("cx", x.as_str()), ("cy", &y), ("r", &radius)];
    let ink = [("fill", look.fill()), ("stroke", look.colour()), ("stroke-width", "1.5")];
    svg.element("circle", &[circle, ink].concat());
}

/// The middle half, the median, and every value.
fn of_box(svg: &mut Svg, frame: &Frame, at: f64, values: &[f64], look: SeriesStyle) {
    const HALF: f64 = 8.0;
    let values: Vec<f64> = values.iter().copied().filter(|value| frame.at([*value, at]).is_some()).collect();
    let place = |value: f64| frame.inside([value, at]);
    if let Some(summary) = Summary::of(&values).filter(|summary| summary.count > 1)
        && let (Some([low, y]), Some([high, _])) =
            (place(summary.lower_quartile), place(summary.upper_quartile))
        && let Some([median, _]) = place(summary.median)
    {
        area(svg, [low, y - HALF, high - low, 2.0 * HALF], look);
        let ink = [("stroke", look.colour()), ("stroke-width", "2.4")];
        svg.line([median, y - HALF], [median, y + HALF], &ink);
        if let (Some([min, _]), Some([max, _])) = (place(summary.min), place(summary.max)) {
            let thin = [("stroke", look.colour())];
            svg.line([min, y], [low, y], &thin);
            svg.line([high, y], [max, y], &thin);
        }
    }
    for value in values {
        if let Some(place) = place(value) {
            point(svg, place, look);
        }
    }
}
