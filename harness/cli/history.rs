//! `tchbench history`: what nights found, one after the other.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::results::RESULTS;
use crate::record::History;
use crate::report::{self, Format};
use crate::suite::Selection;
use crate::terminal::{print, tell};

/// Show accuracy and throughput night by night, and since when they changed
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these cases: one by its name, `case` or `suite/case`, else all with that as a part of it, or a
    /// glob over it
    #[arg(value_name = "CASE")]
    cases: Vec<String>,
    /// Only these suites; may be repeated
    #[arg(long = "suite", value_name = "NAME")]
    suites: Vec<String>,
    /// So many nights of each case; change points are searched over all of them
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..))]
    last: u32,
    /// Where runs are, and the history below them
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// The form; csv and json hold full values and more columns
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let selection = Selection::new(&args.cases, None)?;
    let history = History::of(&args.results);
    let suites = if args.suites.is_empty() { history.suites()? } else { args.suites };
    if suites.is_empty() {
        let message =
            format!("{}: no history here yet; `tchbench nightly` writes one", args.results.display());
        return Err(Failure::new(Exit::BadInput, message));
    }
    let (mut nights, mut unreadable) = (Vec::new(), Vec::new());
    for suite in suites {
        let (read, errors) = history.read(&suite)?;
        nights.extend(read);
        unreadable.extend(errors);
    }
    if !args.cases.is_empty() {
        let all: BTreeSet<(&str, &str)> =
            nights.iter().map(|night| (night.suite.as_str(), night.case.as_str())).collect();
        let takes = selection.over(&all.into_iter().collect::<Vec<_>>());
        nights.retain(|night| takes(&night.suite, &night.case));
    }
    print(&report::render(
        &report::history(&nights, args.last as usize),
        args.format,
        report::terminal_width(),
    ));
    for error in &unreadable {
        tell!("error: {error}");
    }
    Ok(match () {
        () if !unreadable.is_empty() => Exit::BadInput,
        () if nights.is_empty() => {
            tell!("nothing to show: no case of the history matches");
            Exit::NothingSelected
        }
        () => Exit::Success,
    })
}
