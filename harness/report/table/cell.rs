//! A value of a table, and how people read it.

use crate::report::units;

/// A value, and how people read it; csv and json hold it in full.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing is known here.
    Missing,
    /// Words, at the left.
    Text(String),
    /// A number without a fraction.
    Count(u64),
    /// A number with so many decimals.
    Number(f64, usize),
    /// A fraction, read in percent with so many decimals.
    Percent(f64, usize),
    /// A mean of fractions and their standard deviation, read in percent with so many decimals; csv and
    /// json hold the mean alone.
    Spread(f64, Option<f64>, usize),
    /// A change as a fraction, read in percent with its sign and so many decimals.
    Change(f64, usize),
    /// A time in seconds.
    Seconds(f64),
    /// An amount of memory in bytes.
    Bytes(u64),
}

impl Cell {
    /// Returns a cell that holds a text.
    pub fn text(text: impl ToString) -> Cell {
        Cell::Text(text.to_string())
    }

    /// Returns a number of things.
    pub fn count(count: usize) -> Cell {
        Cell::Count(count as u64)
    }

    /// Returns a number that people read with so many decimals, and [`Cell::Missing`] if there is none.
    pub fn number(value: impl Into<Option<f64>>, decimals: usize) -> Cell {
        Cell::maybe(value.into(), |value| Cell::Number(value, decimals))
    }

    /// Returns a fraction that people read in percent with so many decimals, and [`Cell::Missing`] if there is none.
    pub fn percent(value: impl Into<Option<f64>>, decimals: usize) -> Cell {
        Cell::maybe(value.into(), |value| Cell::Percent(value, decimals))
    }

    /// Returns a time, and [`Cell::Missing`] if there is none.
    pub fn seconds(value: impl Into<Option<f64>>) -> Cell {
        Cell::maybe(value.into(), Cell::Seconds)
    }

    /// Returns what `cell` makes of a value, and [`Cell::Missing`] if there is none.
    pub fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell) -> Cell {
        value.map_or(Cell::Missing, cell)
    }

    /// Returns the value as people read it.
    pub(in crate::report) fn for_people(&self) -> String {
        match self {
            Cell::Missing => "-".to_owned(),
            Cell::Text(text) => text.clone(),
            Cell::Count(value) => units::count(*value),
            Cell::Number(value, 0) if value.is_finite() => units::whole(*value),
            Cell::Number(value, digits) => format!("{value:.digits$}"),
            Cell::Percent(value, digits) => format!("{:.digits$}", value * 100.0),
            Cell::Spread(mean, None, digits) => format!("{:.digits$}", mean * 100.0),
            Cell::Spread(mean, Some(deviation), digits) => {
                format!("{:.digits$} ± {:.digits$}", mean * 100.0, deviation * 100.0)
            }
            Cell::Change(value, digits) => format!("{:+.digits$}", value * 100.0),
            Cell::Seconds(value) => units::seconds(*value),
            Cell::Bytes(value) => units::bytes(*value),
        }
    }

    /// Returns the value in full, as programs read it.
    pub(in crate::report) fn for_programs(&self) -> FullValue<'_> {
        match self {
            Cell::Missing => FullValue::Missing,
            Cell::Text(text) => FullValue::Text(text),
            Cell::Count(value) | Cell::Bytes(value) => FullValue::Whole(*value),
            Cell::Number(value, _)
            | Cell::Percent(value, _)
            | Cell::Spread(value, _, _)
            | Cell::Change(value, _)
            | Cell::Seconds(value) => FullValue::Real(*value),
        }
    }
}

/// What programs read of a cell.
pub(in crate::report) enum FullValue<'a> {
    /// Nothing is known here.
    Missing,
    /// A text in full.
    Text(&'a str),
    /// A number without a fraction.
    Whole(u64),
    /// A number with all its digits.
    Real(f64),
}
