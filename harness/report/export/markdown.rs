//! Markdown, for a README.

use super::format::{FindingsFormat, TableFormat};
use super::people::{join, visible};
use crate::escape::markdown;
use crate::report::table::Table;

const NAME: &str = "markdown";
const ABOUT: &str = "For a README";

pub(super) const TABLES: TableFormat =
    TableFormat { name: NAME, about: ABOUT, for_people: true, write: |tables, _| join(tables, of_table) };

pub(super) const FINDINGS: FindingsFormat = FindingsFormat {
    name: NAME,
    about: ABOUT,
    for_people: true,
    write: |judged, _| (TABLES.write)(&judged.tables(), None),
};

fn of_table(table: &Table) -> String {
    let columns = visible(table, markdown::words);
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = format!("{}\n\n", markdown::bold(&table.title));
    text += &line(columns.iter().map(|column| column.heading.as_str()).collect());
    text += &line(columns.iter().map(|column| if column.is_numeric { "---:" } else { ":---" }).collect());
    for row in 0..table.rows.len() {
        text +=
            &line(columns.iter().filter_map(|column| column.cells.get(row)).map(String::as_str).collect());
    }
    for (index, note) in table.notes.iter().enumerate() {
        text += &format!("{}- {}\n", if index == 0 { "\n" } else { "" }, markdown::line(note));
    }
    text
}
