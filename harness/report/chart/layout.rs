//! Where everything stands: title, legend, axes, plot, notes, from top to bottom.

use super::axis::{Fitted, Scale};
use super::content::{Chart, Mark, Series, SeriesStyle};
use super::frame::Frame;
use super::marks;
use super::svg::{Anchor, EDGE, LABEL, Svg, WIDTH, width};

/// The plot's own height, and the height of a category on it.
const HEIGHT: f64 = 290.0;
const CATEGORY: f64 = 30.0;

const GRID: [(&str, &str); 1] = [("stroke", "#e4e4e4")];
const AXIS: [(&str, &str); 1] = [("stroke", "#8a8a8a")];

impl Chart {
    /// Returns the chart as SVG: 700 pixels wide, and as high as it needs to be.
    pub fn svg(&self) -> String {
        draw(self)
    }
}

fn draw(chart: &Chart) -> String {
    let extent: Vec<[f64; 2]> =
        chart.series.iter().flat_map(|series| &series.marks).flat_map(Mark::extent).collect();
    let x = Fitted::new(&chart.x, extent.iter().map(|at| at[0]));
    let y = Fitted::new(&chart.y, extent.iter().map(|at| at[1]));
    let categories = match &chart.y.scale {
        Scale::Categories(names) => Some(names.len()),
        _ => None,
    };

    let mut drawn = Svg::default();
    let mut top = drawn.heading(&chart.title, EDGE);
    top = legend(&mut drawn, chart, top + 4.0);
    if !chart.y.label.is_empty() {
        top += 24.0;
        drawn.words([EDGE, top - 5.0], Anchor::Start, LABEL, &chart.y.label);
    }
    top += 8.0;
    let labels = y.ticks.iter().map(|tick| width(&tick.label, LABEL.size));
    let left = EDGE + labels.fold(0.0, f64::max) + 8.0;
    let height = categories.map_or(HEIGHT, |count| CATEGORY * count as f64);
    let last = x.ticks.last().map_or(0.0, |tick| width(&tick.label, LABEL.size));
    let right = WIDTH - EDGE - (last / 2.0).max(8.0);
    let frame = Frame { left, right, top, bottom: top + height, x, y, down: categories.is_some() };

    axes(&mut drawn, &frame, categories.is_some());
    marks::draw(&mut drawn, &frame, &looks(chart));
    let mut bottom = frame.bottom + 22.0;
    if !chart.x.label.is_empty() {
        bottom += 18.0;
        drawn.words([(frame.left + frame.right) / 2.0, bottom - 4.0], Anchor::Middle, LABEL, &chart.x.label);
    }
    bottom += 6.0;
    let doubled = look_alike(chart).then(|| "Some series look alike: there are too many of them.".to_owned());
    bottom = drawn.notes(chart.notes.iter().chain(&doubled), bottom);
    drawn.picture(&chart.title, bottom + EDGE / 2.0)
}

/// Every series with its look.
fn looks(chart: &Chart) -> Vec<(&Series, SeriesStyle)> {
    let look = |(index, series): (usize, &Series)| {
        let colours = marks::COLOURS.len();
        series.look.unwrap_or(SeriesStyle { colour: index % colours, pattern: index / colours })
    };
    chart.series.iter().enumerate().map(|(index, series)| (series, look((index, series)))).collect()
}

/// Whether two of the named series cannot be told apart.
fn look_alike(chart: &Chart) -> bool {
    let looks: Vec<_> = looks(chart)
        .into_iter()
        .filter(|(series, _)| !series.name.is_empty())
        .map(|(_, look)| (look.colour % marks::COLOURS.len(), look.pattern % marks::DASHES.len()))
        .collect();
    (1..looks.len()).any(|last| looks[..last].contains(&looks[last]))
}

/// The named series in rows; gives where they end.
fn legend(svg: &mut Svg, chart: &Chart, mut top: f64) -> f64 {
    const KEY: f64 = 26.0;
    const ROW: f64 = 18.0;
    let named: Vec<(&Series, SeriesStyle)> =
        looks(chart).into_iter().filter(|(series, _)| !series.name.is_empty()).collect();
    if named.is_empty() {
        return top;
    }
    let wide = |series: &Series| KEY + 6.0 + width(&series.name, LABEL.size) + 18.0;
    // Columns of one width, where that costs no row.
    let column = named.iter().map(|(series, _)| wide(series)).fold(0.0, f64::max);
    let per_row = (((WIDTH - 2.0 * EDGE) / column).floor() as usize).max(1);
    let aligned = named.len() > per_row && per_row > 1;
    let mut x = EDGE;
    top += ROW;
    for (series, look) in named {
        let step = if aligned { column } else { wide(series) };
        if x > EDGE && x + step > WIDTH - EDGE + 18.0 {
            x = EDGE;
            top += ROW;
        }
        marks::key(svg, [x, top - 9.0], KEY, series, look);
        svg.words([x + KEY + 6.0, top - 5.0], Anchor::Start, LABEL, &series.name);
        x += step;
    }
    top
}

fn axes(svg: &mut Svg, frame: &Frame, by_category: bool) {
    for tick in &frame.y.ticks {
        let Some([_, y]) = frame.y_at(tick.value) else { continue };
        if !by_category {
            svg.line([frame.left, y], [frame.right, y], &GRID);
        }
        svg.words([frame.left - 8.0, y + 4.0], Anchor::End, LABEL, &tick.label);
    }
    let mut free = f64::NEG_INFINITY;
    for tick in &frame.x.ticks {
        let Some(place) = frame.x.place(tick.value) else { continue };
        let x = frame.left + place * (frame.right - frame.left);
        let half = width(&tick.label, LABEL.size) / 2.0;
        if by_category {
            svg.line([x, frame.top], [x, frame.bottom], &GRID);
        } else {
            svg.line([x, frame.bottom], [x, frame.bottom + 4.0], &AXIS);
        }
        if x - half >= free {
            svg.words([x, frame.bottom + 18.0], Anchor::Middle, LABEL, &tick.label);
            free = x + half + 5.0;
        }
    }
    svg.line([frame.left, frame.bottom], [frame.right, frame.bottom], &AXIS);
}
