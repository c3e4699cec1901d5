//! A table of results.

mod cell;
mod column;

use std::borrow::Borrow;

pub use cell::Cell;
pub(super) use cell::FullValue;
pub use column::{Column, Heading};

/// A table of results.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The text above the table.
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

impl Table {
    /// Returns a table with a row for each value, and a cell for each of the columns in it.
    pub fn new<Row>(
        title: impl Into<String>,
        columns: Vec<Column<Row>>,
        rows: impl IntoIterator<Item = impl Borrow<Row>>,
    ) -> Self {
        let cells = |row: &Row| columns.iter().map(|column| (column.cell)(row)).collect();
        let rows = rows.into_iter().map(|row| cells(row.borrow())).collect();
        let is_shown_label = |column: &&Column<Row>| column.is_label && column.heading.shown.is_some();
        let labels = columns.iter().filter(is_shown_label).count();
        let columns = columns.into_iter().map(|column| column.heading).collect();
        Table { title: title.into(), columns, labels, rows, notes: Vec::new() }
    }

    /// Returns the table with these notes below what it has.
    pub fn with_notes(mut self, notes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.notes.extend(notes.into_iter().map(Into::into));
        self
    }
}
