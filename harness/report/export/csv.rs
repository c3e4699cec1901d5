//! Comma-separated values, quoted as in RFC 4180.

use csv::WriterBuilder;

use super::format::TableFormat;
use crate::escape;
use crate::report::table::{Cell, FullValue, Table};

pub(super) const TABLES: TableFormat = TableFormat {
    name: "csv",
    about: "Comma-separated, quoted as in RFC 4180, with full values",
    for_people: false,
    write: |tables, _| of_tables(tables),
};

/// Returns the rows of all tables below the keys of the first one's columns; nothing if there is no table.
fn of_tables(tables: &[Table]) -> String {
    let Some(first) = tables.first() else { return String::new() };
    let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let keys = first.columns.iter().map(|heading| escape::csv::field(&heading.key)).collect();
    let rows = tables.iter().flat_map(|table| &table.rows);
    let rows = rows.map(|row| row.iter().map(field).collect::<Vec<String>>());
    for record in std::iter::once(keys).chain(rows) {
        // Memory takes every record, and a flexible writer records of any length.
        let _ = writer.write_record(record);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn field(cell: &Cell) -> String {
    match cell.for_programs() {
        FullValue::Missing => String::new(),
        FullValue::Text(text) => escape::csv::field(text),
        FullValue::Whole(value) => value.to_string(),
        FullValue::Real(value) => value.to_string(),
    }
}
