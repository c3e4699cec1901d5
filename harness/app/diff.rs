//! Compares a run with baselines, or with another run.

use std::path::Path;

use super::baselines::of_run;
use super::exit::{Exit, Failure};
use super::options::folders::{BaselinesFolder, ResultsFolder};
use super::options::policy::Policy;
use super::options::terms::TermsOptions;
use super::runs::folder;
use crate::compare::{self, CaseFinding, SuiteChanges, Terms};
use crate::record::{Baseline, Folder, read};
use crate::report::Judged;

/// What a run is compared with, and on what terms.
pub struct RunComparison {
    /// A baseline's file or a run, where one is named.
    baseline: Option<String>,
    baselines: BaselinesFolder,
    results: ResultsFolder,
    terms: Terms,
}

impl RunComparison {
    /// Settles the terms on the machine of a run, in whose folder these results were `found`.
    ///
    /// # Errors
    /// Fails if the run holds no suite, or if the terms make no sense.
    pub fn new(
        run: &Folder,
        found: &[Baseline],
        baseline: Option<String>,
        baselines: BaselinesFolder,
        results: &ResultsFolder,
        terms: &TermsOptions,
    ) -> Result<Self, Failure> {
        let Some(first) = found.first() else {
            let path = run.path().display();
            return Err(Failure::new(Exit::NothingSelected, format!("{path}: the run holds no suite")));
        };
        let terms = terms.on(&results.folder, first)?;
        Ok(RunComparison { baseline, baselines, results: results.clone(), terms })
    }

    /// Compares each suite of the run with its baseline. The policy decides which verdicts fail.
    ///
    /// # Errors
    /// Fails if a suite has no baseline, or if a baseline cannot be read.
    pub fn judge(&self, found: &[Baseline], policy: &Policy) -> Result<Judged, Failure> {
        let pair = |new: &Baseline| Ok((self.baseline(new)?, new.clone()));
        let pairs = found.iter().map(pair).collect::<Result<Vec<_>, Failure>>()?;
        let policy = policy.clone();
        Ok(Judged {
            findings: compare::diff(&pairs, &self.terms),
            changes: SuiteChanges::of(&pairs),
            terms: self.terms.clone(),
            fails: Box::new(move |what: &str, finding: &CaseFinding| policy.fails(what, finding)),
        })
    }

    /// Returns what a suite of the run is compared with.
    fn baseline(&self, new: &Baseline) -> Result<Baseline, Failure> {
        let suite = &new.suite;
        let Some(given) = &self.baseline else {
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
