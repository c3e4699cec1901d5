//! What runs found, as tables on stdout.

use super::exit::Exit;
use super::options::output::OutputOptions;
use super::runs::Runs;
use crate::analysis::check;
use crate::metrics::Metric;
use crate::report::{self, TableFormat};
use crate::terminal::tell;

/// Which tables are shown.
#[derive(Clone, Debug, PartialEq)]
pub enum ShownTables {
    /// Architectures over their seeds, and claims.
    Architectures,
    /// Each trial epoch by epoch.
    Epochs,
    /// Cases side by side, without a ranking.
    Comparison,
    /// How often each class is taken for each, case by case.
    Confusions,
    /// These metrics, case by case.
    Metrics(Vec<Metric>),
}

/// Prints tables of runs, and returns the exit code.
pub fn show(found: &Runs, shown: ShownTables, output: OutputOptions) -> Exit {
    let tables = match shown {
        ShownTables::Epochs => report::epochs(&found.records),
        ShownTables::Comparison if !found.records.is_empty() => {
            vec![report::comparison("cases side by side", &found.runs, &found.records, &[])]
        }
        ShownTables::Confusions => report::confusions(&found.runs, &found.records),
        ShownTables::Metrics(metrics) if !found.records.is_empty() => {
            vec![report::chosen_metrics(&found.runs, &found.records, &metrics)]
        }
        ShownTables::Architectures | ShownTables::Comparison | ShownTables::Metrics(_) => {
            let mut tables = report::architectures(&found.runs, &found.records);
            // A csv file holds one kind of table.
            if output.format != TableFormat::CSV {
                tables.extend(report::claims(&found.runs, &check(&found.runs, &found.records)));
            }
            tables
        }
    };
    output.print(&tables);
    if tables.is_empty() {
        let why = if found.records.is_empty() { "no records yet" } else { "no record has what is asked for" };
        tell!("nothing to show: {why}");
    }
    if found.is_whole() { Exit::Success } else { Exit::BadInput }
}
