//! Formats in which results leave the program: one file each, and one line in the list of what it writes.

mod annotations;
mod bencher;
mod case_values;
mod csv;
mod format;
mod github_action_benchmark;
mod json;
mod junit;
mod markdown;
mod mlflow;
mod otava;
mod people;
mod prometheus;
mod run_format;
mod safetensors;
mod step_summary;
mod tensorboard;
mod text;

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::table::Table;

pub use format::{ExportFormat, Exported, FailurePolicy, FindingsFormat, Judged, TableFormat};
pub use junit::junit;
pub use prometheus::prometheus;
pub use run_format::{
    ExportSource, ExportedFile, ExportedRuns, JsonServer, RunFormat, RunWriter, ServerError, ServerSummary,
    WeightsError,
};
pub use text::terminal_width;

/// The formats of whole runs, in the order in which `--help` lists them.
const RUN_FORMATS: &[RunFormat] = &[
    tensorboard::RUNS, //
    bencher::RUNS,
    github_action_benchmark::RUNS,
    prometheus::RUNS,
    otava::RUNS,
    mlflow::RUNS,
    safetensors::RUNS,
    step_summary::RUNS,
];

impl ValueEnum for RunFormat {
    fn value_variants<'a>() -> &'a [Self] {
        RUN_FORMATS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.about))
    }
}

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
        annotations::FINDINGS,
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
