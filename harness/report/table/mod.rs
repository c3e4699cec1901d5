//! A table of results.

mod cell;

use std::borrow::Cow;

pub use cell::Cell;
pub(super) use cell::FullValue;

/// A table of results.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// What its columns are called.
    pub columns: Vec<Heading>,
    /// How many of the columns that people see name a row: where a terminal is too narrow, the other
    /// columns go below each other, each part beginning with these.
    pub labels: usize,
    /// Row after row, each with one cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// What must be known to read it rightly.
    pub notes: Vec<String>,
}

/// What a column is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its name in csv and json.
    pub key: Cow<'static, str>,
    /// What stands above it for people; `None` if only csv and json have the column.
    pub shown: Option<Cow<'static, str>>,
}

impl Heading {
    /// In every form.
    pub const fn new(key: &'static str, heading: &'static str) -> Self {
        Heading { key: Cow::Borrowed(key), shown: Some(Cow::Borrowed(heading)) }
    }

    /// In every form, named after a value.
    pub fn of(value: f64) -> Self {
        Heading::called(value.to_string())
    }

    /// In every form, under one name.
    pub fn called(name: impl Into<String>) -> Self {
        let name = name.into();
        Heading { key: Cow::Owned(name.clone()), shown: Some(Cow::Owned(name)) }
    }

    /// In csv and json only.
    pub const fn detail(key: &'static str) -> Self {
        Heading { key: Cow::Borrowed(key), shown: None }
    }
}
