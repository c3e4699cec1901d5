//! What runs found, as tables on stdout.

use std::path::Path;

use super::exit::{Exit, Failure};
use super::records::Runs;
use crate::analysis::check;
use crate::report::{self, Format};
use crate::terminal::{print, tell};

/// Which tables are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Architectures over their seeds, and claims.
    Architectures,
    /// Each trial epoch by epoch.
    Epochs,
    /// Cases side by side, without a ranking.
    Comparison,
}

/// Prints tables of runs by name in `results` or by path, and returns the exit code.
pub fn show(results: &Path, runs: &[String], shown: Shown, format: Format) -> Result<Exit, Failure> {
    let found = Runs::read(results, runs)?;
    let tables = match shown {
        Shown::Epochs => report::epochs(&found.records),
        Shown::Comparison if !found.records.is_empty() => {
            vec![report::comparison("cases side by side", &found.runs, &found.records, &[])]
        }
        Shown::Architectures | Shown::Comparison => {
            let mut tables = report::architectures(&found.runs, &found.records);
            // A csv file holds one kind of table.
            if format != Format::Csv {
                tables.extend(report::claims(&found.runs, &check(&found.runs, &found.records)));
            }
            tables
        }
    };
    print(&report::render(&tables, format, report::terminal_width()));
    if tables.is_empty() {
        tell!("nothing to show: no records yet");
    }
    Ok(if found.is_whole() { Exit::Success } else { Exit::BadInput })
}
