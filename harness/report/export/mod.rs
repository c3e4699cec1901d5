//! Formats in which results leave the program: one file each, and one line in the list of what it writes.

mod csv;
mod format;
mod json;
mod junit;
mod markdown;
mod people;
mod text;

use super::table::Table;

pub use format::{ExportFormat, Exported, FailurePolicy, FindingsFormat, Judged, TableFormat};
pub use junit::junit;
pub use text::terminal_width;

impl Exported for [Table] {
    const FORMATS: &'static [TableFormat] = &[
        text::TABLES, //
        markdown::TABLES,
        csv::TABLES,
        json::TABLES,
    ];
}

impl Exported for Judged {
    const FORMATS: &'static [FindingsFormat] = &[
        text::FINDINGS, //
        markdown::FINDINGS,
        json::FINDINGS,
        junit::FINDINGS,
    ];
}

impl TableFormat {
    /// Aligned text, for a terminal.
    pub const TEXT: Self = text::TABLES;
    /// Markdown, for a README.
    pub const MARKDOWN: Self = markdown::TABLES;
    /// Comma-separated values. Tables in one file share the columns of the first.
    pub const CSV: Self = csv::TABLES;
    /// JSON, an array of tables.
    pub const JSON: Self = json::TABLES;
}

/// Returns tables in a format, as text that ends in a line feed. `width` is the terminal's in columns.
pub fn render(tables: &[Table], format: TableFormat, width: Option<u16>) -> String {
    (format.write)(tables, width)
}
