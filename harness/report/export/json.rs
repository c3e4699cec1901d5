//! JSON: an array of tables, each with its title, its rows as objects, and its notes.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use super::format::{FindingsFormat, TableFormat};
use crate::escape::json;
use crate::report::table::{Cell, FullValue, Heading, Table};

const NAME: &str = "json";
const ABOUT: &str = "An array of tables, with full values";

pub(super) const TABLES: TableFormat =
    TableFormat { name: NAME, about: ABOUT, for_people: false, write: |tables, _| of_tables(tables) };

pub(super) const FINDINGS: FindingsFormat = FindingsFormat {
    name: NAME,
    about: ABOUT,
    for_people: false,
    write: |judged, _| of_tables(&judged.tables()),
};

fn of_tables(tables: &[Table]) -> String {
    // Keys are strings and floats that are not finite become null: it cannot fail.
    json::text(&format!("{}\n", serde_json::to_string_pretty(tables).unwrap_or_default()))
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.for_programs() {
            FullValue::Missing => serializer.serialize_none(),
            FullValue::Text(text) => serializer.serialize_str(text),
            FullValue::Whole(value) => serializer.serialize_u64(value),
            FullValue::Real(value) => serializer.serialize_f64(value),
        }
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct TableRow<'a>(&'a [Heading], &'a [Cell]);
        impl Serialize for TableRow<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(self.0.len()))?;
                for (heading, cell) in self.0.iter().zip(self.1) {
                    map.serialize_entry(&heading.key, cell)?;
                }
                map.end()
            }
        }
        let rows: Vec<TableRow> = self.rows.iter().map(|row| TableRow(&self.columns, row)).collect();
        let mut whole = serializer.serialize_struct("Table", 3)?;
        whole.serialize_field("title", &self.title)?;
        whole.serialize_field("rows", &rows)?;
        whole.serialize_field("notes", &self.notes)?;
        whole.end()
    }
}
