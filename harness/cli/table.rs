//! `tchbench table`: what runs found, as tables.

use std::path::{Path, PathBuf};

use super::records::Runs;
use super::run::RESULTS;
use super::{Ended, Exit};
use crate::report::{self, Format};
use crate::terminal::{print, tell};

/// Compare architectures over their seeds, from the records of runs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Runs by name or path; records of several are pooled where they are comparable
    #[arg(value_name = "RUN", default_value = "latest")]
    runs: Vec<String>,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// The form; csv and json hold full values and more columns
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Each trial epoch by epoch
    #[arg(long)]
    epochs: bool,
    /// What each case costs, reaches and over-fits, without a ranking
    #[arg(long, conflicts_with = "epochs")]
    compare: bool,
}

impl Args {
    /// What `tchbench table` shows of one run.
    pub(super) fn of_run(folder: &Path, format: Format) -> Self {
        let runs = vec![folder.display().to_string()];
        Args { runs, results: PathBuf::new(), format, epochs: false, compare: false }
    }
}

pub(super) fn execute(args: Args) -> Ended {
    let found = Runs::read(&args.results, &args.runs)?;
    let tables = if args.epochs {
        report::epochs(&found.records)
    } else if args.compare && !found.records.is_empty() {
        vec![report::comparison("cases side by side", &found.runs, &found.records, &[])]
    } else {
        let mut tables = report::architectures(&found.runs, &found.records);
        // A csv file holds one kind of table.
        if args.format != Format::Csv {
            tables.extend(report::claims(&found.runs, &report::check(&found.runs, &found.records)));
        }
        tables
    };
    print(&report::render(&tables, args.format, report::terminal_width()));
    if tables.is_empty() {
        tell!("nothing to show: no records yet");
    }
    Ok(if found.is_whole() { Exit::Success } else { Exit::BadInput })
}
