//! What a chart shows: series of marks over two axes.

use super::axis::Axis;

/// A picture of some series over two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The text above the picture.
    pub title: String,
    /// The axis from left to right.
    pub x: Axis,
    /// From bottom to top; categories from top to bottom.
    pub y: Axis,
    /// Those that have a name are in the legend, where there is more than one.
    pub series: Vec<Series>,
    /// What must be known to read it rightly; below the picture.
    pub notes: Vec<String>,
}

/// Marks of one look and one entry in the legend. Values that are not finite, or not positive on a
/// logarithmic axis, are not drawn and break a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// In the legend; may be empty.
    pub name: String,
    /// Its look; by its place among the chart's series where none is given.
    pub look: Option<SeriesStyle>,
    /// Drawn in this order, after the bands of all series.
    pub marks: Vec<Mark>,
}

/// What tells a series from others; numbers wrap around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeriesStyle {
    /// Which of six colours that the colour-blind can tell apart (Okabe and Ito, "Color Universal
    /// Design", 2008, without yellow and black).
    pub colour: usize,
    /// Which of three: solid lines and full points, dashed and hollow, dotted and hollow.
    pub pattern: usize,
}

/// What is drawn, in the axes' units.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// A line through x and y.
    Line(Vec<[f64; 2]>),
    /// A line that keeps y until the next x.
    Steps(Vec<[f64; 2]>),
    /// Points at x and y.
    Points(Vec<[f64; 2]>),
    /// The area between two values of y: x, lower, upper.
    Band(Vec<[f64; 3]>),
    /// At a category's index on y, the distribution of values on x: the box holds the middle half with a
    /// line at the median, and every value is a point.
    Boxes(Vec<(f64, Vec<f64>)>),
    /// Words beside x and y, moved so that none covers another or a point.
    Labels(Vec<([f64; 2], String)>),
}

impl Series {
    /// Returns a series without marks.
    pub fn new(name: impl Into<String>) -> Self {
        Series { name: name.into(), look: None, marks: Vec::new() }
    }

    /// Returns the series in this style.
    pub fn look(mut self, colour: usize, pattern: usize) -> Self {
        self.look = Some(SeriesStyle { colour, pattern });
        self
    }

    /// Returns the series with another mark.
    pub fn with(mut self, mark: Mark) -> Self {
        self.marks.push(mark);
        self
    }
}

impl Mark {
    /// Returns every x and y that an axis must show.
    pub(super) fn extent(&self) -> Vec<[f64; 2]> {
        match self {
            Mark::Line(points) | Mark::Steps(points) | Mark::Points(points) => points.clone(),
            Mark::Band(points) => points.iter().flat_map(|&[x, low, high]| [[x, low], [x, high]]).collect(),
            Mark::Boxes(boxes) => {
                boxes.iter().flat_map(|(at, values)| values.iter().map(move |&value| [value, *at])).collect()
            }
            Mark::Labels(labels) => labels.iter().map(|(at, _)| *at).collect(),
        }
    }
}
