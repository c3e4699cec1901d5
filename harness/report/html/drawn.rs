//! Charts as the script of a report draws them, in compact JSON.

use serde::{Serialize, Serializer};

use crate::report::chart::{Axis, Chart, Mark, Scale, SeriesStyle};
use crate::stats::Summary;

/// A chart, or several of the same series that a reader chooses from.
#[derive(Serialize)]
pub(super) struct DrawnFigure {
    #[serde(rename = "t")]
    pub title: String,
    /// What the series are called, in the legend and elsewhere.
    #[serde(rename = "n")]
    pub names: Vec<String>,
    /// So many of the first series are shown until the reader chooses.
    #[serde(rename = "on")]
    pub shown: usize,
    #[serde(rename = "v")]
    pub views: Vec<DrawnView>,
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// One of the charts of a figure.
#[derive(Serialize)]
pub(super) struct DrawnView {
    /// What the reader chooses it by.
    #[serde(rename = "n")]
    pub name: String,
    pub x: DrawnAxis,
    pub y: DrawnAxis,
    /// The values of x of those marks that hold only others.
    #[serde(rename = "xs", skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<Short>,
    #[serde(rename = "s")]
    pub series: Vec<DrawnSeries>,
}

/// An axis as the script needs it.
#[derive(Serialize)]
pub(super) struct DrawnAxis {
    #[serde(rename = "l")]
    pub label: String,
    /// How values become places: `lin`, `whole` (as `lin`, with ticks at whole numbers), `log`, `cat` or `time`, in
    /// milliseconds since 1970.
    #[serde(rename = "s")]
    pub scale: &'static str,
    #[serde(rename = "c", skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    pub range: Option<[Short; 2]>,
    #[serde(rename = "k", skip_serializing_if = "Vec::is_empty")]
    pub ticks: Vec<Short>,
}

/// Marks of one look.
#[derive(Serialize)]
pub(super) struct DrawnSeries {
    /// The index of its name.
    #[serde(rename = "i")]
    pub name: usize,
    #[serde(rename = "c")]
    pub colour: usize,
    #[serde(rename = "p", skip_serializing_if = "is_zero")]
    pub pattern: usize,
    #[serde(rename = "m")]
    pub marks: Vec<DrawnMark>,
}

/// What is drawn, as numbers in a row.
#[derive(Serialize)]
pub(super) struct DrawnMark {
    /// What it is: `line`, `steps`, `points` and `seed` (a line of one seed) of x and y; `band` of x, low and high; `box` of
    /// the place on y and three quartiles; `bar` of the place on y, low, middle and high; `rule` and `zone` of one and two values
    /// of x; `change` of x and y.
    #[serde(rename = "k")]
    pub kind: &'static str,
    #[serde(rename = "d")]
    pub data: Vec<Short>,
    /// Whether the values of x are those that the view shares.
    #[serde(rename = "e", skip_serializing_if = "std::ops::Not::not")]
    pub is_shared: bool,
    /// What is said of each point.
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

fn is_zero(value: &usize) -> bool {
    *value == 0
}

/// A number with five significant digits: more cannot be seen in a chart. Whole numbers are kept in full.
#[derive(Clone, Copy)]
pub(super) struct Short(pub f64);

impl Short {
    /// Returns the number as it is written; `None` where it is not finite.
    pub fn text(self) -> Option<String> {
        const WHOLE: f64 = 1e15;
        let Short(value) = self;
        if !value.is_finite() {
            return None;
        }
        if value.fract() == 0.0 && value.abs() < WHOLE {
            // Not `-0`.
            return Some(format!("{:.0}", value + 0.0));
        }
        let rounded: f64 = format!("{value:.4e}").parse().unwrap_or(value);
        Some(if rounded.abs() < 1e-4 { format!("{rounded:e}") } else { rounded.to_string() })
    }
}

impl Serialize for Short {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = self.text().and_then(|text| serde_json::from_str::<serde_json::Number>(&text).ok());
        match number {
            Some(number) => number.serialize(serializer),
            None => serializer.serialize_none(),
        }
    }
}

/// Returns numbers in a row.
pub(super) fn flat<const N: usize>(points: impl IntoIterator<Item = [f64; N]>) -> Vec<Short> {
    points.into_iter().flatten().map(Short).collect()
}

/// The number of colours that can be told apart.
const COLOURS: usize = 6;

impl DrawnMark {
    pub fn new(kind: &'static str, data: Vec<Short>) -> Self {
        DrawnMark { kind, data, is_shared: false, labels: Vec::new() }
    }

    pub fn labelled(self, labels: Vec<String>) -> Self {
        DrawnMark { labels, ..self }
    }

    /// Returns the middle half of some values with their median, at a place on y.
    pub fn box_of(at: f64, all: &Summary, scale: f64) -> Self {
        let quartiles = [all.lower_quartile, all.median, all.upper_quartile].map(|value| value * scale);
        DrawnMark::new("box", flat([[at, quartiles[0], quartiles[1], quartiles[2]]]))
    }
}

impl DrawnSeries {
    /// Returns a series in the look that its place gives it.
    pub fn new(place: usize, marks: Vec<DrawnMark>) -> Self {
        DrawnSeries { name: place, colour: place % COLOURS, pattern: place / COLOURS % 3, marks }
    }
}

impl DrawnAxis {
    pub fn new(scale: &'static str, label: impl Into<String>) -> Self {
        DrawnAxis { label: label.into(), scale, categories: Vec::new(), range: None, ticks: Vec::new() }
    }

    pub fn categories(names: Vec<String>) -> Self {
        DrawnAxis { categories: names, ..DrawnAxis::new("cat", "") }
    }
}

impl From<&Axis> for DrawnAxis {
    fn from(axis: &Axis) -> Self {
        let drawn = match &axis.scale {
            Scale::Linear => DrawnAxis::new("lin", &axis.label),
            Scale::Log => DrawnAxis::new("log", &axis.label),
            Scale::Categories(names) => DrawnAxis::categories(names.clone()),
        };
        let ticks = axis.ticks.iter().flatten().copied().map(Short).collect();
        DrawnAxis { range: axis.range.map(|ends| ends.map(Short)), ticks, ..drawn }
    }
}

impl DrawnFigure {
    /// Returns a figure of these views, of which the first has most of the series; a view without marks is left out.
    pub fn new(title: impl Into<String>, names: Vec<String>, mut views: Vec<DrawnView>) -> Self {
        views.retain(|view| view.series.iter().any(|series| !series.marks.is_empty()));
        let shown = names.len();
        DrawnFigure { title: title.into(), names, shown, views, notes: Vec::new() }
    }

    /// Returns a chart as a figure.
    pub fn of(chart: &Chart) -> Self {
        DrawnFigure::of_several(&chart.title, &[("", chart)])
    }

    /// Returns charts whose series are alike as one figure, each with what it is chosen by.
    pub fn of_several(title: &str, charts: &[(&str, &Chart)]) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut views = Vec::new();
        let mut notes: Vec<String> = Vec::new();
        for (name, chart) in charts {
            views.push(view(name, chart, &mut names));
            for note in &chart.notes {
                if !notes.contains(note) {
                    notes.push(note.clone());
                }
            }
        }
        DrawnFigure { notes, ..DrawnFigure::new(title, names, views) }
    }

    pub fn is_empty(&self) -> bool {
        self.views.is_empty()
    }
}

/// Returns a chart as a view. A series without a name belongs to the one before.
fn view(name: &str, chart: &Chart, names: &mut Vec<String>) -> DrawnView {
    let mut series = Vec::new();
    let mut of = 0;
    let labels: Vec<&([f64; 2], String)> = chart
        .series
        .iter()
        .flat_map(|series| &series.marks)
        .filter_map(|mark| if let Mark::Labels(labels) = mark { Some(labels) } else { None })
        .flatten()
        .collect();
    for (place, one) in chart.series.iter().enumerate() {
        if !one.name.is_empty() || names.is_empty() {
            of = names.iter().position(|known| *known == one.name).unwrap_or(names.len());
            if of == names.len() {
                names.push(one.name.clone());
            }
        }
        let by_place = SeriesStyle { colour: place, pattern: place / COLOURS };
        let style = one.look.unwrap_or(by_place);
        series.push(DrawnSeries {
            name: of,
            colour: style.colour % COLOURS,
            pattern: style.pattern % 3,
            marks: one.marks.iter().flat_map(|mark| marks(mark, &labels)).collect(),
        });
    }
    let x = DrawnAxis::from(&chart.x);
    DrawnView { name: name.to_owned(), x, y: DrawnAxis::from(&chart.y), shared: Vec::new(), series }
}

fn marks(mark: &Mark, labels: &[&([f64; 2], String)]) -> Vec<DrawnMark> {
    // Where several points lie on each other, each tells the names of all.
    let label = |at: &[f64; 2]| {
        let here = labels.iter().filter(|(of, _)| of == at).map(|(_, label)| label.as_str());
        here.collect::<Vec<_>>().join(", ")
    };
    match mark {
        Mark::Line(points) => vec![DrawnMark::new("line", flat(points.iter().copied()))],
        Mark::Steps(points) => vec![DrawnMark::new("steps", flat(points.iter().copied()))],
        Mark::Points(points) => {
            let drawn = DrawnMark::new("points", flat(points.iter().copied()));
            let labels: Vec<String> = points.iter().map(label).collect();
            vec![if labels.iter().all(String::is_empty) { drawn } else { drawn.labelled(labels) }]
        }
        Mark::Band(points) => vec![DrawnMark::new("band", flat(points.iter().copied()))],
        Mark::Boxes(boxes) => boxes.iter().flat_map(|(at, values)| of_box(*at, values)).collect(),
        Mark::Labels(_) => Vec::new(),
    }
}

fn of_box(at: f64, values: &[f64]) -> Vec<DrawnMark> {
    let points = DrawnMark::new("points", flat(values.iter().map(|value| [*value, at])));
    let all = Summary::of(values).filter(|all| all.count > 1);
    all.map(|all| DrawnMark::box_of(at, &all, 1.0)).into_iter().chain([points]).collect()
}
