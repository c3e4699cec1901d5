//! `tchbench claims`: published figures against measured ones.

use std::path::PathBuf;

use crate::analysis::{Outcome, check};
use crate::app::exit::{Exit, Failure};
use crate::app::records::Runs;
use crate::app::results::RESULTS;
use crate::report::{self, Format};
use crate::suite::load;
use crate::terminal::{print, tell};

/// Compare published figures with measured ones; exit code 14 where one is not met, 22 where one is
/// unmeasured
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Runs by name or path; records of several are pooled where they are comparable
    #[arg(value_name = "RUN", default_value = "latest")]
    runs: Vec<String>,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// The folder of the suites whose words on a result are shown where a run holds none
    #[arg(long, value_name = "DIR", default_value = "suites")]
    suites: PathBuf,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let mut found = Runs::read(&args.results, &args.runs)?;
    // What the authors say of a result is written after it.
    for own in found.runs.iter_mut().flat_map(|run| &mut run.suites).filter(|own| own.analysis.is_empty()) {
        if let Ok(suite) = load(&args.suites.join(format!("{}.toml", own.name)), None) {
            own.analysis = suite.analysis;
        }
    }
    let checked = check(&found.runs, &found.records);
    let table = report::claims(&found.runs, &checked);
    print(&report::render(table.as_slice(), args.format, report::terminal_width()));
    if table.is_none() {
        tell!("nothing to show: no case states a claim");
    }
    let any = |outcome: Outcome| checked.iter().any(|checked| checked.outcome == outcome);
    Ok(match () {
        () if !found.is_whole() => Exit::BadInput,
        () if any(Outcome::NotMet) => Exit::ClaimNotMet,
        () if any(Outcome::Unmeasured) => Exit::Incomplete,
        () => Exit::Success,
    })
}
