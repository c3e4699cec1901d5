//! Which run a night works on: the last one that was not finished, or a new one.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::DateTime;

use super::log::Log;
use crate::app::exit::Failure;
use crate::recipe::Name;
use crate::record::{Error, Folder, History, Run, TrialKey, run_name};
use crate::runner::{Plan, host};

/// Told apart from other runs by the end of its name.
const NAME: &str = "nightly";

/// The run that a night works on.
pub struct NightRun {
    /// The folder of the run.
    pub folder: Folder,
    /// The plan as it was begun.
    pub plan: Plan,
    /// Whether it goes on with what an earlier night began.
    pub goes_on: bool,
}

/// Returns the newest nightly run, if it has the plan of this night on this machine and its results are not
/// in the history yet; else a new one.
///
/// # Errors
/// Fails if a run or the history cannot be read, or if the folder cannot be written.
pub fn begin(results: &Path, plan: Plan, history: &History, log: Log) -> Result<NightRun, Failure> {
    let nights: Vec<Folder> =
        Folder::all(results)?.into_iter().filter(|folder| is_nightly(&folder.name())).collect();
    if let Some(folder) = nights.into_iter().next_back() {
        let path = folder.path().display();
        match folder.read_run() {
            Err(error) => log.say(format_args!("the last night stays as it is: {error}")),
            Ok(run) if is_told(&run, history)? => {}
            Ok(run) if is_of(&run, &plan) => {
                log.say(format_args!("going on with {path}, which was not finished"));
                let begun = Plan::of_run(run, &folder, plan.engine)?;
                return Ok(NightRun { plan: Plan { jobs: plan.jobs, ..begun }, folder, goes_on: true });
            }
            Ok(_) => {
                log.say(format_args!("{path} was not finished and stays so: it had another plan or machine"));
            }
        }
    }
    let folder = Folder::create(results, &run_name(plan.began, &[NAME]))?;
    log.say(format_args!("beginning {}", folder.path().display()));
    Ok(NightRun { folder, plan, goes_on: false })
}

fn is_nightly(name: &str) -> bool {
    let number = |rest: &str| rest.strip_prefix('-').is_some_and(|digits| digits.parse::<u32>().is_ok());
    let is_time = |text: &str| DateTime::strptime("%Y-%m-%dT%H%M%S", text).is_ok();
    let (time, rest) = name.split_once("Z-").unwrap_or_default();
    let rest = rest.strip_prefix(NAME);
    is_time(time) && rest.is_some_and(|rest| rest.is_empty() || number(rest))
}

/// Whether the history has all of its cases.
fn is_told(run: &Run, history: &History) -> Result<bool, Error> {
    let mut suites: BTreeSet<&str> = BTreeSet::new();
    suites.extend(run.trials.iter().map(|key| key.suite.as_str()));
    for suite in suites {
        let told: BTreeSet<Name> = match history.read(suite) {
            Ok((nights, _)) => {
                nights.into_iter().filter(|night| night.run == run.name).map(|night| night.case).collect()
            }
            Err(error) if error.is_absence() => BTreeSet::new(),
            Err(error) => return Err(error),
        };
        if run.trials.iter().any(|key| key.suite == suite && !told.contains(&key.case)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a run has this plan, and was begun by this program on this machine.
fn is_of(run: &Run, plan: &Plan) -> bool {
    run.trials == plan.trials.iter().map(TrialKey::from).collect::<Vec<_>>()
        && run.environment == plan.environment
        && run.fingerprint.engine == plan.engine
        && run.fingerprint.host == host()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nightly_runs_are_known_by_their_names() {
        assert!(is_nightly("2026-11-23T020000Z-nightly") && is_nightly("2026-11-23T020000Z-nightly-2"));
        assert!(!is_nightly("2026-11-23T020000Z-smoke") && !is_nightly("2026-11-23T020000Z-nightly-x"));
        assert!(!is_nightly("2026-11-23T020000Z-gpu-nightly") && !is_nightly("Z-nightly"));
    }
}
