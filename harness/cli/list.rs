//! `tchbench list`: suites, their cases and profiles.

use std::path::PathBuf;

use serde_json::json;

use crate::app::exit::{Exit, Failure};
use crate::app::options::folders::DataFolder;
use crate::escape;
use crate::report::{Table, TableFormat, cases, render, terminal_width};
use crate::suite::load_all_with;
use crate::terminal::print;

/// List suites with their cases, seeds and profiles
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Suite files, or folders of them
    #[arg(value_name = "SUITE", default_value = "suites")]
    suites: Vec<PathBuf>,
    /// The form of the list on stdout.
    #[arg(long, value_enum, default_value = "text", help = "The form")]
    format: ListFormat,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ListFormat {
    /// Aligned, for a terminal
    Text,
    /// With each suite resolved in full, as it stands and under each of its profiles
    Json,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let mut all = Vec::new();
    let catalogue = DataFolder::default().catalogue();
    for path in &args.suites {
        all.extend(load_all_with(path, &catalogue)?);
    }
    let text = match args.format {
        ListFormat::Text => {
            let tables: Vec<Table> = all.iter().filter_map(|suites| cases(suites)).collect();
            render(&tables, TableFormat::TEXT, terminal_width())
        }
        ListFormat::Json => escape::json::text(&format!("{:#}\n", json!(all.concat()))),
    };
    print(&text);
    Ok(Exit::Success)
}
