//! Published figures beside measured ones, on stdout.

use std::path::Path;

use super::exit::Exit;
use super::options::folders::DataFolder;
use super::options::output::OutputOptions;
use super::runs::Runs;
use crate::analysis::{Outcome, check};
use crate::report;
use crate::suite::load_with;
use crate::terminal::tell;

/// Adds what the authors of suites say of their results, from files in the folder `suites`, to runs that hold none
/// of it: it is written after the run.
pub fn add_words(found: &mut Runs, suites: &Path) {
    let catalogue = DataFolder::default().catalogue();
    for own in found.runs.iter_mut().flat_map(|run| &mut run.suites).filter(|own| own.analysis.is_empty()) {
        if let Ok(suite) = load_with(&suites.join(format!("{}.toml", own.name)), None, &[], &catalogue) {
            own.analysis = suite.analysis;
        }
    }
}

/// Prints whether each claim is met, and returns the exit code.
pub fn show(found: &Runs, output: OutputOptions) -> Exit {
    let checked = check(&found.runs, &found.records);
    let table = report::claims(&found.runs, &checked);
    output.print(table.as_slice());
    if table.is_none() {
        tell!("nothing to show: no case states a claim");
    }
    let any = |outcome: Outcome| checked.iter().any(|checked| checked.outcome == outcome);
    if !found.is_whole() {
        Exit::BadInput
    } else if any(Outcome::NotMet) {
        Exit::ClaimNotMet
    } else if any(Outcome::Unmeasured) {
        Exit::Incomplete
    } else {
        Exit::Success
    }
}
