//! `tchbench table`: what runs found, as tables.

use std::path::{Path, PathBuf};

use super::{Ended, Exit, print};
use crate::record::Folder;
use crate::report::{self, Format, Outcome};

/// Compare architectures over their seeds, from the records of runs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Runs by name or path; records of several are pooled where they are comparable
    #[arg(value_name = "RUN", default_value = "latest")]
    runs: Vec<String>,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
    /// The form; csv and json hold full values and more columns
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Each trial epoch by epoch
    #[arg(long)]
    epochs: bool,
    /// Published figures against measured ones only; exit code 14 where one is not met, 22 where one
    /// is unmeasured
    #[arg(long, conflicts_with = "epochs")]
    claims: bool,
}

impl Args {
    /// What `tchbench table` shows of one run.
    pub(super) fn of_run(folder: &Path, format: Format) -> Self {
        let runs = vec![folder.display().to_string()];
        Args { runs, results: PathBuf::new(), format, epochs: false, claims: false }
    }
}

pub(super) fn execute(args: Args) -> Ended {
    let mut runs = Vec::new();
    let mut records = Vec::new();
    let mut unreadable = Vec::new();
    for run in &args.runs {
        let folder = Folder::find(&args.results, run)?;
        runs.push(folder.read_run()?);
        let (read, errors) = folder.read_trials();
        records.extend(read);
        unreadable.extend(errors);
    }
    let checked = report::check(&runs, &records);
    let tables = if args.epochs {
        report::epochs(&records)
    } else if args.claims {
        report::claims(&checked).into_iter().collect()
    } else {
        let mut tables = report::architectures(&runs, &records);
        // A csv file holds one kind of table.
        tables.extend(report::claims(&checked).filter(|_| args.format != Format::Csv));
        tables
    };
    print(&report::render(&tables, args.format, report::terminal_width()))?;
    if tables.is_empty() {
        eprintln!(
            "nothing to show: {}",
            if args.claims { "no case states a claim" } else { "no records yet" }
        );
    }
    for error in &unreadable {
        eprintln!("error: {error}");
    }
    let any = |outcome: Outcome| args.claims && checked.iter().any(|checked| checked.outcome == outcome);
    Ok(match () {
        () if !unreadable.is_empty() => Exit::BadInput,
        () if any(Outcome::NotMet) => Exit::ClaimNotMet,
        () if any(Outcome::Unmeasured) => Exit::Incomplete,
        () => Exit::Success,
    })
}
