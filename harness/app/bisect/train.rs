//! What a program trains of a case.

use crate::app::exit::Failure;
use crate::compare::{Terms, Verdict, diff};
use crate::event::Engine;
use crate::recipe::{Name, Trial};
use crate::record::{Baseline, CaseResults, Fingerprint, Format, SeedResult, TrialRecord};
use crate::runner::{Datasets, Fault, Interrupt, Launcher, Silent, repeat};

/// The records of a case's seeds, trained by one program.
#[derive(Clone, Debug)]
pub struct TrainedSeeds {
    records: Vec<TrialRecord>,
}

impl TrainedSeeds {
    /// Trains these trials, of which there is at least one, one after the other. Returns how a worker failed if one did.
    ///
    /// # Errors
    /// Fails if the machine has no room for a process.
    pub fn train(
        trials: &[Trial],
        launcher: &Launcher,
        engine: &Engine,
        datasets: &Datasets,
        interrupt: &Interrupt,
    ) -> Result<Result<Self, Fault>, Failure> {
        let mut records = Vec::new();
        for trial in trials {
            match repeat(trial, launcher, engine, datasets, interrupt, &mut Silent)? {
                None => return Ok(Err(Fault::Interrupted)),
                Some(TrialRecord { error: Some(error), epochs, .. }) if epochs.is_empty() => {
                    return Ok(Err(Fault::Reported { error, out_of_memory: false }));
                }
                Some(record) => records.push(record),
            }
        }
        Ok(Ok(TrainedSeeds { records }))
    }

    /// Returns the last trajectory of each seed; `None` of one that did not finish an epoch.
    pub fn trajectories(&self) -> Vec<Option<&str>> {
        let last = self.records.iter().map(|record| record.epochs.last());
        last.map(|epoch| epoch.map(|epoch| epoch.trajectory.as_str())).collect()
    }

    fn results(&self) -> Option<Baseline> {
        let first = self.records.first()?;
        let seeds = self.records.iter().map(|record| SeedResult::of(record, &[])).collect();
        let case = CaseResults { trial: first.trial.clone(), seeds, throughput: Vec::new() };
        let fingerprint: Fingerprint = first.fingerprint.clone();
        Some(Baseline {
            format: Format::CURRENT,
            suite: first.trial.suite.clone(),
            class: Name::of_words("bisect"),
            run: Name::of_words("bisect"),
            fingerprint,
            gates: Vec::new(),
            cases: vec![case],
        })
    }
}

/// Returns what the comparison of accuracy says of a program's seeds against the good one's.
pub fn accuracy_verdict(good: &TrainedSeeds, other: &TrainedSeeds, terms: &Terms) -> Verdict {
    let findings = good.results().zip(other.results()).map(|pair| diff(&[pair], terms));
    findings.and_then(|all| all.first().map(|one| one.accuracy.verdict)).unwrap_or(Verdict::Missing)
}
