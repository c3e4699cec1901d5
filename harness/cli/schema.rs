//! `tchbench schema`: JSON Schemas of files that people write and programs read.

use crate::app::exit::{Exit, Failure};
use crate::record::{baseline_schema, lay_out, trial_schema};
use crate::report::diff_schema;
use crate::suite;
use crate::terminal::print;

/// Print the JSON Schema of a kind of file, for editors and other programs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What the schema is of.
    #[arg(value_enum, value_name = "KIND", help = "What it describes")]
    kind: SchemaKind,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum SchemaKind {
    /// A suite, for editors of TOML; draft 4
    Suite,
    /// A trial's record; draft 2020-12
    Record,
    /// A baseline; draft 2020-12
    Baseline,
    /// What `tchbench diff --format json` prints; draft 2020-12
    Diff,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let schema = match args.kind {
        SchemaKind::Suite => suite::schema(),
        SchemaKind::Record => trial_schema(),
        SchemaKind::Baseline => baseline_schema(),
        SchemaKind::Diff => diff_schema(),
    };
    print(&format!("{}\n", lay_out(&schema.to_string())));
    Ok(Exit::Success)
}
