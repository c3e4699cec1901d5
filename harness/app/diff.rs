//! Compares a run with baselines, or with another run.

use std::path::{Path, PathBuf};

use super::baselines::of_run;
use super::exit::{Exit, Failure};
use super::margins::LoadedMargins;
use super::options::folders::{BaselinesFolder, ResultsFolder};
use super::options::policy::Policy;
use super::options::selection::FilterOptions;
use super::options::terms::TermsOptions;
use super::runs::folder;
use crate::compare::{self, CaseFinding, SuiteChanges, Terms};
use crate::record::{Baseline, CaseResults, read};
use crate::report::{Judged, RunFindings};
use crate::suite::Selection;
use crate::terminal::tell;

/// What a run is compared with: a baseline's file or a run where one is named, else the baselines of a folder.
pub struct BaselineChoice {
    /// A baseline's file or a run.
    pub named: Option<String>,
    /// The folder of baselines.
    pub baselines: BaselinesFolder,
    /// The folder of runs.
    pub results: ResultsFolder,
}

/// What a run is compared with, in which cases, and on what terms.
pub struct RunComparison {
    /// Of each suite that is compared.
    baselines: Vec<Baseline>,
    selection: Selection,
    terms: Terms,
}

impl RunComparison {
    /// Settles the terms on the machine of a run that `found` these results, and reads what it is compared with. Tells what
    /// there is to tell of its margins.
    ///
    /// # Errors
    /// Fails if the run holds no suite, or no case that the filters mean; if a suite has no baseline; if a baseline or
    /// its margins cannot be read; or if the terms make no sense.
    pub fn new(
        found: &[Baseline],
        choice: &BaselineChoice,
        filters: &FilterOptions,
        terms: &TermsOptions,
    ) -> Result<Self, Failure> {
        let Some(first) = found.first() else {
            return Err(Failure::new(Exit::NothingSelected, "the run holds no suite"));
        };
        let selection = Selection::new(&filters.patterns, None)?;
        let compared = selected(found, &selection, found);
        let baselines =
            compared.iter().map(|new| choice.baseline(new)).collect::<Result<Vec<_>, Failure>>()?;
        if baselines.is_empty() {
            let patterns = filters.patterns.join(" --filter ");
            let message = format!("--filter {patterns}: the run has no such case");
            return Err(Failure::new(Exit::NothingSelected, message));
        }
        let loaded = LoadedMargins::read(&pairs(&baselines, found), |suite| choice.margins_folder(suite))?;
        loaded.notes.iter().for_each(|note| tell!("note: {note}"));
        let terms = Terms { margins: loaded.margins, ..terms.on(&choice.results.folder, first)? };
        Ok(RunComparison { baselines, selection, terms })
    }

    /// Compares each suite of the run with its baseline. The policy decides which verdicts fail.
    pub fn judge(&self, found: &[Baseline], policy: &Policy) -> Judged {
        let pairs = self.pairs(found);
        let policy = policy.clone();
        Judged {
            findings: compare::diff(&pairs, &self.terms),
            changes: SuiteChanges::of(&pairs),
            terms: self.terms.clone(),
            fails: Box::new(move |what: &str, finding: &CaseFinding| policy.fails(what, finding)),
        }
    }

    /// Compares each suite of the run, which is told by its name, with its baseline.
    pub fn find(&self, run: &str, baseline: &str, found: &[Baseline]) -> RunFindings {
        let pairs = self.pairs(found);
        RunFindings {
            run: run.to_owned(),
            baseline: baseline.to_owned(),
            findings: compare::diff(&pairs, &self.terms),
            changes: SuiteChanges::of(&pairs),
            terms: self.terms.clone(),
        }
    }

    /// Returns each baseline beside what the run found of its suite, with the selected cases alone.
    fn pairs(&self, found: &[Baseline]) -> Vec<(Baseline, Baseline)> {
        let all = [self.baselines.as_slice(), found].concat();
        let old = selected(&self.baselines, &self.selection, &all);
        let new = selected(found, &self.selection, &all);
        pairs(&old, &new)
    }
}

/// Returns each baseline beside what the run found of its suite.
fn pairs(baselines: &[Baseline], found: &[Baseline]) -> Vec<(Baseline, Baseline)> {
    let pair = |old: &Baseline| {
        let new = found.iter().find(|new| new.suite == old.suite)?;
        Some((old.clone(), new.clone()))
    };
    baselines.iter().filter_map(pair).collect()
}

/// Returns these results with only the cases that are selected, where `all` are those that there are. A suite without
/// one is left out, unless everything is selected.
fn selected(results: &[Baseline], selection: &Selection, all: &[Baseline]) -> Vec<Baseline> {
    let names: Vec<(&str, &str)> = all
        .iter()
        .flat_map(|suite| suite.cases.iter().map(|case| (suite.suite.as_str(), case.trial.case.as_str())))
        .collect();
    let takes = selection.over(&names);
    let mut selected = results.to_vec();
    for suite in &mut selected {
        suite.cases.retain(|CaseResults { trial, .. }| takes(&trial.suite, &trial.case));
    }
    selected.retain(|suite| !suite.cases.is_empty() || selection.is_all());
    selected
}

impl BaselineChoice {
    /// Returns the folder in which the margins of a suite lie: beside the baseline's file.
    fn margins_folder(&self, suite: &Path) -> PathBuf {
        let file = self.named.as_deref().map(Path::new).filter(|path| path.is_file());
        let beside = file.and_then(Path::parent).map(Path::to_owned);
        beside.unwrap_or_else(|| self.baselines.folder.join(suite))
    }

    /// Returns what a suite of the run is compared with.
    fn baseline(&self, new: &Baseline) -> Result<Baseline, Failure> {
        let suite = &new.suite;
        let Some(given) = &self.named else {
            let path = Baseline::path(&self.baselines.folder, suite, &new.class);
            return read(&path).map_err(|error| {
                if !error.is_absence() {
                    return error.into();
                }
                let message = format!(
                    "no baseline for suite `{suite}` on {}: {} does not exist; accept a run with `tchbench \
                 baseline save`, or compare two runs with --baseline RUN",
                    new.class,
                    path.display()
                );
                Failure::new(Exit::BadInput, message)
            });
        };
        let file = Path::new(given);
        let candidates =
            if file.is_file() { vec![read(file)?] } else { of_run(&folder(&self.results.folder, given)?)? };
        candidates.into_iter().find(|baseline| baseline.suite == *suite).ok_or_else(|| {
            Failure::new(
                Exit::BadInput,
                format!("--baseline {given}: it holds no suite `{suite}`, but the run does"),
            )
        })
    }
}
