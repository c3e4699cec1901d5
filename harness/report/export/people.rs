//! What text and markdown share: the columns that people see.

use crate::report::table::{Cell, Heading, Table};

/// A column that people see.
pub(super) struct VisibleColumn {
    /// What stands above it.
    pub heading: String,
    /// Whether no cell holds words.
    pub is_numeric: bool,
    /// A text for each row.
    pub cells: Vec<String>,
}

/// Returns the columns of a table that people see, with each text made `safe`.
pub(super) fn visible(table: &Table, safe: fn(&str) -> String) -> Vec<VisibleColumn> {
    let column = |(index, heading): (usize, &Heading)| {
        let cells: Vec<&Cell> = table.rows.iter().filter_map(|row| row.get(index)).collect();
        let is_numeric = !cells.iter().any(|cell| matches!(cell, Cell::Text(_)));
        let cells = cells.into_iter().map(|cell| safe(&cell.for_people())).collect();
        Some(VisibleColumn { heading: safe(heading.shown.as_deref()?), is_numeric, cells })
    };
    table.columns.iter().enumerate().filter_map(column).collect()
}

/// Returns each table as `write` makes it, with an empty line between two tables.
pub(super) fn join(tables: &[Table], write: impl Fn(&Table) -> String) -> String {
    tables.iter().map(write).collect::<Vec<String>>().join("\n")
}
