//! Architectures ranked by the accuracy that they reach over their seeds.

use std::collections::{BTreeMap, BTreeSet};

use super::group::{Group, group};
use crate::event::{Finished, Score};
use crate::listing::Natural;
use crate::record::{Run, TrialKey, TrialRecord};
use crate::stats::{Summary, median};

/// The cases of one suite that are trained on one dataset.
#[derive(Debug)]
pub struct Ranking<'a> {
    /// The name of the suite.
    pub suite: &'a str,
    /// The name of the dataset.
    pub dataset: &'a str,
    /// The split whose accuracy decides.
    pub measure: Measure,
    /// The cases' trials, by name; never empty.
    pub groups: Vec<Group<'a>>,
}

/// A case with its rank, and what its seeds that ended well reached.
#[derive(Debug)]
pub struct Ranked<'a> {
    /// One more than the number of cases with a higher mean; `None` if no trial ended well.
    pub rank: Option<u64>,
    /// The trials of the case.
    pub group: &'a Group<'a>,
    /// The accuracy on the split that decides, a fraction.
    pub accuracy: Option<Summary>,
    /// The mean loss on that split, in nats.
    pub loss: Option<f64>,
    /// The mean training accuracy in the epoch whose weights were kept, a fraction.
    pub train_accuracy: Option<f64>,
    /// The median of the best epochs.
    pub best_epoch: Option<f64>,
    /// The median training throughput of the trials on one processor, in samples per second.
    pub samples_per_second: Option<f64>,
    /// The median wall time of a trial on that processor, in seconds.
    pub wall_seconds: Option<f64>,
    /// The largest memory that a trial's process held, in bytes.
    pub peak_memory: Option<u64>,
    /// The largest memory that a trial held on its device, in bytes.
    pub device_peak_memory: Option<u64>,
    /// The number of trainable parameters.
    pub parameters: Option<u64>,
}

impl<'a> Ranked<'a> {
    /// Returns a case without a rank.
    fn of(group: &'a Group<'a>, measure: Measure) -> Self {
        let of = |value: &dyn Fn(&TrialRecord) -> Option<f64>| -> Vec<f64> {
            group.successes().filter_map(value).collect()
        };
        let timed = |value: &dyn Fn(&TrialRecord) -> Option<f64>| -> Vec<f64> {
            group.timed().filter_map(value).collect()
        };
        let mean = |values: Vec<f64>| Summary::of(&values).map(|summary| summary.mean);
        let largest = |value: fn(&Finished) -> Option<u64>| {
            group.trials.iter().filter_map(|record| value(record.finished.as_ref()?)).max()
        };
        let started = || group.trials.iter().find_map(|record| Some(record.started.as_ref()?.parameters));
        Ranked {
            rank: None,
            group,
            accuracy: Summary::of(&of(&|record| Some(measure.score(record)?.accuracy))),
            loss: mean(of(&|record| Some(measure.score(record)?.loss))),
            train_accuracy: mean(of(&|record| Some(record.results().kept()?.train.accuracy))),
            best_epoch: median(&of(&|record| record.finished.as_ref()?.best_epoch.map(f64::from))),
            samples_per_second: median(&timed(&|record| record.results().throughput())),
            wall_seconds: median(&timed(&|record| Some(record.finished.as_ref()?.wall_seconds))),
            peak_memory: largest(|finished| Some(finished.peak_memory)),
            device_peak_memory: largest(|finished| finished.device_peak_memory),
            parameters: started().or_else(|| group.trials.first()?.trial.parameters),
        }
    }
}

/// Returns a ranking for each suite and dataset, by name.
pub fn rankings<'a>(runs: &[Run], records: &'a [TrialRecord]) -> Vec<Ranking<'a>> {
    let mut alike: BTreeMap<(Natural, Natural), Vec<Group>> = BTreeMap::new();
    for group in group(runs, records) {
        if let Some(first) = group.trials.first() {
            let dataset = &first.trial.experiment.data.dataset;
            alike.entry((Natural(group.suite), Natural(dataset))).or_default().push(group);
        }
    }
    let ranking =
        |((Natural(suite), Natural(dataset)), groups): ((Natural<'a>, Natural<'a>), Vec<Group<'a>>)| {
            Ranking { suite, dataset, measure: Measure::of(&groups), groups }
        };
    alike.into_iter().map(ranking).collect()
}

impl Ranking<'_> {
    /// Returns the cases, the best first. Equal means stay in the order of names, and a case without a mean comes
    /// last.
    pub fn ranked(&self) -> Vec<Ranked<'_>> {
        let mut ranked: Vec<Ranked> =
            self.groups.iter().map(|group| Ranked::of(group, self.measure)).collect();
        let mean = |ranked: &Ranked| ranked.accuracy.map(|accuracy| accuracy.mean);
        ranked.sort_by(|a, b| {
            let key = |ranked: &Ranked| mean(ranked).unwrap_or(f64::NEG_INFINITY);
            key(b).total_cmp(&key(a))
        });
        let means: Vec<f64> = ranked.iter().filter_map(mean).collect();
        for one in &mut ranked {
            let ahead = |own: f64| means.iter().filter(|other| **other > own).count() as u64;
            one.rank = mean(one).map(|own| ahead(own) + 1);
        }
        ranked
    }
}

/// Returns the trials that runs planned and that have no record, by name.
pub fn unrecorded(runs: &[Run], records: &[TrialRecord]) -> Vec<TrialKey> {
    let found: BTreeSet<TrialKey> = records.iter().map(|record| TrialKey::from(&record.trial)).collect();
    let planned: BTreeSet<TrialKey> = runs.iter().flat_map(|run| run.trials.iter().cloned()).collect();
    planned.difference(&found).cloned().collect()
}

/// The split that decides the ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The samples of the test split.
    Test,
    /// The validation samples, in the epoch whose weights were kept.
    Validation,
    /// The training samples, in the epoch whose weights were kept.
    Train,
}

impl Measure {
    /// Returns the first split on which every trial that ended well has a score.
    fn of(groups: &[Group]) -> Measure {
        let all = |measure: Measure| {
            groups.iter().flat_map(Group::successes).all(|record| measure.score(record).is_some())
        };
        [Measure::Test, Measure::Validation]
            .into_iter()
            .find(|&measure| all(measure))
            .unwrap_or(Measure::Train)
    }

    /// Returns a trial's score on this split; `None` if it has none.
    pub fn score(self, record: &TrialRecord) -> Option<Score> {
        match self {
            Measure::Test => record.finished.as_ref()?.test,
            Measure::Validation => record.results().kept()?.validation,
            Measure::Train => Some(record.results().kept()?.train),
        }
    }

    /// Returns the split's name.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Test => "test",
            Measure::Validation => "validation",
            Measure::Train => "train",
        }
    }
}
