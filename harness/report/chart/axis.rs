//! An axis: its scale, its range and where its ticks stand.

use super::ticks::{self, Tick};

/// One of a chart's two axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What it measures, with its unit.
    pub label: String,
    /// How values become places.
    pub scale: Scale,
    /// Where ticks stand; at round values that cover the data where none are given.
    pub ticks: Option<Vec<f64>>,
    /// From where to where it goes; what lies outside is cut off. As far as the data where none is given.
    pub range: Option<[f64; 2]>,
}

/// How values become places on an axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Scale {
    /// Equal differences are equal lengths.
    Linear,
    /// Equal ratios are equal lengths; values must be positive.
    Log,
    /// Names, the first at 0, the next at 1 and so on.
    Categories(Vec<String>),
}

impl Axis {
    /// Returns a linear axis.
    pub fn linear(label: impl Into<String>) -> Self {
        Axis { label: label.into(), scale: Scale::Linear, ticks: None, range: None }
    }

    /// Returns a logarithmic axis.
    pub fn log(label: impl Into<String>) -> Self {
        Axis { scale: Scale::Log, ..Axis::linear(label) }
    }

    /// Returns an axis of categories by their names.
    pub fn categories(label: impl Into<String>, names: Vec<String>) -> Self {
        Axis { scale: Scale::Categories(names), ..Axis::linear(label) }
    }

    /// Returns the axis with ticks at these values.
    pub fn ticks_at(mut self, ticks: Vec<f64>) -> Self {
        self.ticks = Some(ticks);
        self
    }

    /// Returns the axis with its ends at `low` and `high`.
    pub fn from(mut self, low: f64, high: f64) -> Self {
        self.range = Some([low, high]);
        self
    }
}

/// An axis fitted to the data: its ends, and its ticks between them.
pub(super) struct Fitted {
    pub ticks: Vec<Tick>,
    low: f64,
    high: f64,
    log: bool,
}

impl Fitted {
    /// Returns the axis over these values; of a logarithmic axis only the positive ones count.
    pub fn new(axis: &Axis, values: impl Iterator<Item = f64>) -> Self {
        let log = axis.scale == Scale::Log;
        let usable = |value: f64| value.is_finite() && (!log || value > 0.0);
        if let Scale::Categories(names) = &axis.scale {
            let tick = |(index, name): (usize, &String)| Tick { value: index as f64, label: name.clone() };
            let ticks = names.iter().enumerate().map(tick).collect();
            return Fitted { ticks, low: -0.5, high: names.len() as f64 - 0.5, log };
        }
        let range = axis.range.filter(|&[low, high]| usable(low) && usable(high) && low < high);
        let values = values.filter(|value| usable(*value));
        let bounds = values.fold(None, |bounds: Option<(f64, f64)>, value| {
            let (low, high) = bounds.unwrap_or((value, value));
            Some((low.min(value), high.max(value)))
        });
        let (low, high) = match (range, bounds) {
            (Some([low, high]), _) => (low, high),
            (None, Some(bounds)) => wider(bounds, log),
            (None, None) => {
                if log {
                    (1.0, 10.0)
                } else {
                    (0.0, 1.0)
                }
            }
        };
        if let Some(given) = &axis.ticks {
            let (low, high) = if range.is_some() { (low, high) } else { padded(low, high, log) };
            let inside = given.iter().copied().filter(|tick| (low..=high).contains(tick));
            let ticks = inside.map(Tick::at).collect();
            return Fitted { ticks, low, high, log };
        }
        let ticks = if log { ticks::log(low, high) } else { ticks::linear(low, high) };
        let (low, high) = match (range, ticks.first(), ticks.last()) {
            (None, Some(first), Some(last)) => (first.value, last.value),
            _ => (low, high),
        };
        let ticks = ticks.into_iter().filter(|tick| (low..=high).contains(&tick.value)).collect();
        Fitted { ticks, low, high, log }
    }

    /// Returns where a value stands, from 0 at the low end to 1 at the high end; `None` where it cannot be shown.
    pub fn place(&self, value: f64) -> Option<f64> {
        let place = |value: f64| if self.log { libm::log(value) } else { value };
        let at = (place(value) - place(self.low)) / (place(self.high) - place(self.low));
        at.is_finite().then_some(at)
    }
}

/// Bounds that are one value, made two.
fn wider((low, high): (f64, f64), log: bool) -> (f64, f64) {
    if low < high {
        (low, high)
    } else if log {
        (low / 2.0, high * 2.0)
    } else if low == 0.0 {
        (-1.0, 1.0)
    } else {
        (low - low.abs() * 0.1, high + high.abs() * 0.1)
    }
}

/// With room at both ends.
fn padded(low: f64, high: f64, log: bool) -> (f64, f64) {
    const ROOM: f64 = 0.04;
    if log {
        let factor = libm::exp(libm::log(high / low) * ROOM);
        return (low / factor, high * factor);
    }
    (low - (high - low) * ROOM, high + (high - low) * ROOM)
}
