//! What a night is compared with, and what comes out.

use std::path::{Path, PathBuf};

use super::file::write;
use super::log::Log;
use crate::app::baselines::of_run;
use crate::app::exit::{Exit, Failure};
use crate::app::margins::LoadedMargins;
use crate::app::options::folders::BaselinesFolder;
use crate::app::options::policy::Policy;
use crate::app::options::terms::TermsOptions;
use crate::compare::{self, CaseFinding, SuiteChanges, Terms, Verdict};
use crate::recipe::Name;
use crate::record::{Baseline, CaseResults, Folder, SeedResult, Status, read};
use crate::report::{self, Table};

/// Against what, on what terms, and what fails.
#[derive(Debug, clap::Args)]
pub struct GateOptions {
    #[command(flatten)]
    baselines: BaselinesFolder,
    #[command(flatten)]
    terms: TermsOptions,
    #[command(flatten)]
    policy: Policy,
    /// Write the verdicts to this file too, as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

/// What a night found, beside its baselines.
pub struct NightComparison {
    /// What the night found of each suite.
    pub found: Vec<Baseline>,
    /// What the comparison found of each case.
    pub findings: Vec<CaseFinding>,
    changes: Vec<SuiteChanges>,
    terms: Option<Terms>,
    /// Whether a suite has no baseline.
    alone: bool,
    /// Whether a baseline or its margins cannot be read or believed.
    unreadable: bool,
}

impl GateOptions {
    /// Compares each suite of the run with its baseline, where it has one.
    ///
    /// # Errors
    /// Fails if a record cannot be read, or if the terms make no sense.
    pub fn compare(&self, results: &Path, folder: &Folder, log: Log) -> Result<NightComparison, Failure> {
        let found = of_run(folder)?;
        let mut pairs = Vec::new();
        let mut alone = false;
        let mut unreadable = false;
        for new in &found {
            let path = Baseline::path(&self.baselines.folder, &new.suite, &new.class);
            match read::<Baseline>(&path) {
                Ok(old) => pairs.push((old, new.clone())),
                Err(error) if error.is_absence() => {
                    alone = true;
                    log.say(format_args!(
                        "nothing to compare {} with: {} does not exist; accept a run with `tchbench baseline save`",
                        new.suite,
                        path.display()
                    ));
                }
                // The night is told all the same, or every later one would begin where this one ends.
                Err(error) => {
                    unreadable = true;
                    log.say(format_args!("error: {error}"));
                }
            }
        }
        let mut terms = found.first().map(|first| self.terms.on(results, first)).transpose()?;
        match LoadedMargins::read(&pairs, |suite| self.baselines.folder.join(suite)) {
            Ok(LoadedMargins { margins, notes }) => {
                notes.iter().for_each(|note| log.say(format_args!("note: {note}")));
                terms = terms.map(|terms| Terms { margins, ..terms });
            }
            Err(failure) => {
                unreadable = true;
                log.say(format_args!("error: {failure}"));
            }
        }
        let findings = terms.as_ref().map(|terms| compare::diff(&pairs, terms)).unwrap_or_default();
        let changes = SuiteChanges::of(&pairs);
        Ok(NightComparison { found, findings, changes, terms, alone, unreadable })
    }

    /// Returns the exit code that the verdicts mean. A suite without a baseline is compared with nothing,
    /// which is no fair comparison either.
    pub fn exit(&self, compared: &NightComparison) -> Exit {
        if compared.unreadable {
            return Exit::BadInput;
        }
        let alone = compared.alone && self.policy.fails_on("accuracy", Verdict::Incomparable);
        match self.policy.exit(&compared.findings) {
            Exit::Success | Exit::Inconclusive | Exit::Incomplete | Exit::Improved if alone => {
                Exit::Incomparable
            }
            exit => exit,
        }
    }

    /// Writes the JUnit file, if one is asked for.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn write_junit(&self, compared: &NightComparison) -> Result<(), Failure> {
        let Some(path) = &self.junit else { return Ok(()) };
        write(path, &report::junit(&compared.findings, |what, finding| self.policy.fails(what, finding)))
    }
}

impl NightComparison {
    /// Returns the cases that look slower or faster, and are to be measured again before they are called
    /// so.
    pub fn suspected(&self) -> impl Iterator<Item = (&str, &str)> {
        let suspected = self.findings.iter().filter(|finding| finding.is_suspected());
        suspected.map(|finding| (finding.suite.as_str(), finding.case.as_str()))
    }

    /// Returns how many trials of cases that are not quarantined failed or diverged. Seeds that diverge as their baseline's did do what was
    /// accepted.
    pub fn failed(&self) -> usize {
        let is_accepted = |suite: &str, case: &str| {
            let of_case =
                |finding: &&CaseFinding| (finding.suite.as_str(), finding.case.as_str()) == (suite, case);
            let as_before = |finding: &CaseFinding| {
                finding.accuracy.verdict == Verdict::Identical
                    || finding.accuracy.figures.is_some_and(|figures| figures.newly_failed == 0)
            };
            self.findings.iter().find(of_case).is_some_and(as_before)
        };
        let cases = self.found.iter().flat_map(|found| found.cases.iter().map(|case| (&found.suite, case)));
        let of_case = |(suite, case): (&Name, &CaseResults)| {
            let accepted = is_accepted(suite, &case.trial.case);
            let is_failed = |seed: &&SeedResult| match seed.status {
                Some(Status::Diverged) => !accepted,
                Some(Status::OutOfMemory | Status::Failed) => true,
                Some(Status::Completed | Status::StoppedEarly) | None => false,
            };
            if self.is_quarantined(suite, &case.trial.case, "accuracy") {
                return 0;
            }
            case.seeds.iter().filter(is_failed).count()
        };
        cases.map(of_case).sum()
    }

    /// Returns how many of these trials, which could not be measured, are of cases that are not quarantined. A name is
    /// `suite/case/seed`.
    pub fn unmeasured(&self, trials: &[String]) -> usize {
        let is_quarantined = |name: &&String| {
            let case = name.rsplit_once('/').and_then(|(case, _)| case.split_once('/'));
            case.is_some_and(|(suite, case)| self.is_quarantined(suite, case, "throughput"))
        };
        trials.len() - trials.iter().filter(is_quarantined).count()
    }

    /// Returns whether a case's `accuracy` (or how its trials end) or its `throughput` does not fail.
    fn is_quarantined(&self, suite: &str, case: &str, what: &str) -> bool {
        let margins = self.terms.as_ref().map(|terms| terms.margins.of(suite, case));
        let quarantine = margins.and_then(|margins| margins.quarantine);
        quarantine.is_some_and(|quarantine| quarantine.holds_of(what))
    }

    /// Returns the tables of the verdicts.
    pub fn tables(&self) -> Vec<Table> {
        let tables = |terms| report::diff(&self.findings, &self.changes, terms);
        self.terms.as_ref().map(tables).unwrap_or_default()
    }
}
