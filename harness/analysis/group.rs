//! Which trials may be summarised together: those of one case that differ in nothing but the seed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::listing::Natural;
use crate::metrics::{Metric, Unit};
use crate::recipe::{Trial, identity};
use crate::record::{Fingerprint, Run, TrialKey, TrialRecord};
use crate::stats::median;

/// The trials of one case under one set of conditions.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The name of the suite.
    pub suite: &'a str,
    /// The case's name, numbered where records of other conditions bear it too.
    pub label: String,
    /// One record for each seed, ordered by seed; never empty.
    pub trials: Vec<&'a TrialRecord>,
    /// The names of the classes of its dataset; empty if they have only numbers.
    pub class_names: Vec<String>,
    /// How many seeds were planned and have no record.
    pub missing: usize,
    /// What must be told of the group, such as why other records are not pooled with it.
    pub notes: Vec<String>,
    /// What must be told of its speed besides.
    pub of_speed: Vec<String>,
}

impl<'a> Group<'a> {
    /// Returns the trials that ended well.
    pub fn successes(&self) -> impl Iterator<Item = &'a TrialRecord> {
        self.trials.iter().copied().filter(|trial| trial.status.is_success())
    }

    /// Returns the trials that ended well whose times can be summarised: those on one processor, the one that the most of them
    /// were trained on.
    pub fn timed(&self) -> impl Iterator<Item = &'a TrialRecord> {
        let most = self.by_processor().into_iter().next().map(|(processor, _)| processor);
        self.successes().filter(move |record| Some(processor(record)) == most)
    }

    /// Returns the trials that ended well and count for a metric: for a time or a speed, those on one processor.
    pub fn counted(&self, metric: Metric) -> impl Iterator<Item = &'a TrialRecord> {
        let is_timed = is_of_speed(metric);
        let timed: Vec<&TrialRecord> = if is_timed { self.timed().collect() } else { Vec::new() };
        let all = self.successes().filter(move |_| !is_timed);
        timed.into_iter().chain(all)
    }

    /// Returns the trials that ended well of each processor, that with the most of them first, else in the order of names.
    pub fn by_processor(&self) -> Vec<(&'a str, Vec<&'a TrialRecord>)> {
        by_processor(self.successes())
    }
}

/// Returns whether a metric depends on the processor where the numerics class is the same.
pub fn is_of_speed(metric: Metric) -> bool {
    matches!(metric.unit(), Unit::Seconds | Unit::SamplesPerSecond)
}

fn processor(record: &TrialRecord) -> &str {
    &record.fingerprint.host.cpu
}

fn by_processor<'a>(trials: impl Iterator<Item = &'a TrialRecord>) -> Vec<(&'a str, Vec<&'a TrialRecord>)> {
    let mut processors: BTreeMap<&str, Vec<&TrialRecord>> = BTreeMap::new();
    for record in trials {
        processors.entry(processor(record)).or_default().push(record);
    }
    let mut processors: Vec<_> = processors.into_iter().collect();
    processors.sort_by_key(|(_, trials)| std::cmp::Reverse(trials.len()));
    processors
}

/// Returns the records in groups, ordered by suite and case.
pub fn group<'a>(runs: &[Run], records: &'a [TrialRecord]) -> Vec<Group<'a>> {
    let mut cases: BTreeMap<(Natural, Natural), BTreeMap<String, Vec<&TrialRecord>>> = BTreeMap::new();
    for record in records {
        let Trial { suite, case, .. } = &record.trial;
        let alike = cases.entry((Natural(suite), Natural(case))).or_default();
        alike.entry(conditions(&record.trial, &record.fingerprint)).or_default().push(record);
    }
    let mut groups = Vec::new();
    for ((Natural(suite), Natural(case)), alike) in cases {
        for (label, not_pooled, trials) in labelled(case, alike) {
            let mut notes = Vec::from_iter(not_pooled);
            let trials = one_a_seed(&label, trials, &mut notes);
            let missing = missing(runs, records, &trials);
            let well = trials.iter().copied().filter(|record| record.status.is_success());
            let processors = by_processor(well);
            let timed = processors.first().map_or(&[][..], |(_, timed)| timed);
            let remarks = [mixed_processors(&label, &processors), mixed_jobs(&label, timed)];
            let of_speed = remarks.into_iter().flatten().collect();
            let dataset = trials.first().map(|record| &record.trial.experiment.data.dataset);
            let names = dataset.and_then(|dataset| runs.iter().find_map(|run| run.class_names.get(dataset)));
            let class_names = names.cloned().unwrap_or_default();
            groups.push(Group { suite, label, trials, class_names, missing, notes, of_speed });
        }
    }
    groups
}

/// Returns as JSON all that must be equal for two trials to differ by nothing but the seed. Processors of one numerics class
/// compute the same bits, so they are no part of it.
pub fn conditions(trial: &Trial, fingerprint: &Fingerprint) -> String {
    let engine = &fingerprint.engine;
    let conditions = json!({
        "experiment": trial.experiment,
        "dataset": trial.dataset,
        "device": engine.device,
        "threads": trial.environment.threads,
        "numerics": trial.environment.numerics,
        "numerics class": engine.class_of(&trial.experiment),
        "libtorch": engine.libtorch,
        "engine revision": trial.engine_revision,
    });
    conditions.to_string()
}

/// Returns what there is of a case under each of its conditions, with the case's name, which is numbered where there
/// are several. The first of them comes with the reason why they are not pooled.
pub fn labelled<T>(
    case: &str,
    alike: BTreeMap<String, Vec<T>>,
) -> impl Iterator<Item = (String, Option<String>, Vec<T>)> {
    let several = alike.len() > 1;
    let mut not_pooled =
        several.then(|| format!("{case}: not pooled, the records differ in {}", differences(alike.keys())));
    (1..).zip(alike.into_values()).map(move |(number, members)| {
        let label = if several { format!("{case} ({number})") } else { case.to_owned() };
        (label, not_pooled.take(), members)
    })
}

/// The identity that the record's trial has with this seed.
fn identity_with(record: &TrialRecord, seed: u64) -> String {
    let trial = &record.trial;
    identity(&trial.experiment, seed, &trial.dataset, &trial.environment)
}

/// The fields in which conditions differ, with short values.
fn differences<'a>(conditions: impl Iterator<Item = &'a String>) -> String {
    let mut leaves: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    for json in conditions {
        flatten(String::new(), &serde_json::from_str(json).unwrap_or_default(), &mut |path, value| {
            let values = leaves.entry(path).or_default();
            values.resize(count, "none".to_owned());
            values.push(value);
        });
        count += 1;
    }
    let mut differing = Vec::new();
    for (path, mut values) in leaves {
        values.resize(count, "none".to_owned());
        values.sort();
        values.dedup();
        if values.len() > 1 {
            differing.push(format!("{path} ({})", values.join(" or ")));
        }
    }
    let rest = differing.len().saturating_sub(4);
    differing.truncate(4);
    if rest > 0 {
        differing.push(format!("{rest} more"));
    }
    differing.join(", ")
}

fn flatten(path: String, value: &Value, leaf: &mut impl FnMut(String, String)) {
    let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| flatten(below(key), value, leaf)),
        Value::Array(items) => {
            let number = |(index, item): (usize, &Value)| flatten(below(&index.to_string()), item, leaf);
            items.iter().enumerate().for_each(number);
        }
        Value::String(text) if text.len() == 64 => leaf(path, text.chars().take(8).collect()),
        Value::String(text) => leaf(path, text.clone()),
        other => leaf(path, other.to_string()),
    }
}

/// Several records of one seed are one sample of the accuracy, not several: the newest of those
/// that ended well counts.
fn one_a_seed<'a>(
    label: &str,
    trials: Vec<&'a TrialRecord>,
    notes: &mut Vec<String>,
) -> Vec<&'a TrialRecord> {
    let mut seeds: BTreeMap<u64, Vec<&TrialRecord>> = BTreeMap::new();
    for trial in trials {
        seeds.entry(trial.trial.seed).or_default().push(trial);
    }
    let mut kept = Vec::new();
    for (seed, mut same) in seeds {
        same.sort_by_key(|record| (record.status.is_success(), record.began));
        kept.extend(same.last());
        if same.len() > 1 {
            notes.push(format!(
                "{label}, seed {seed}: {} records, the newest that ended well counts",
                same.len()
            ));
        }
        let mut weights: Vec<&str> =
            same.iter().filter_map(|record| Some(record.finished.as_ref()?.weights.as_str())).collect();
        weights.dedup();
        if weights.len() > 1 {
            notes.push(format!("{label}, seed {seed}: the same trial did not give the same weights"));
        }
    }
    kept
}

/// Seeds on several processors are one sample of the accuracy, and several of the speed.
fn mixed_processors(label: &str, processors: &[(&str, Vec<&TrialRecord>)]) -> Option<String> {
    let ((first, timed), others) = processors.split_first().filter(|(_, others)| !others.is_empty())?;
    let seeds = |trials: &[&TrialRecord]| match trials.len() {
        1 => "one seed".to_owned(),
        several => format!("{several} seeds"),
    };
    let other = |(name, trials): &(&str, Vec<&TrialRecord>)| {
        let speeds: Vec<f64> = trials.iter().filter_map(|record| record.results().throughput()).collect();
        let speed = median(&speeds).map(|speed| format!(", at {speed:.0} samples/s")).unwrap_or_default();
        format!("{} on {name}{speed}", seeds(trials))
    };
    let apart: Vec<String> = others.iter().map(other).collect();
    Some(format!(
        "{label}: times and speeds of {} on {first}; apart from them {}",
        seeds(timed),
        apart.join(", ")
    ))
}

/// Trials that ran side by side share caches and memory: that changes their speed and nothing else.
fn mixed_jobs(label: &str, trials: &[&TrialRecord]) -> Option<String> {
    let jobs: BTreeSet<String> = trials.iter().map(|record| record.jobs.to_string()).collect();
    let several = jobs.len() > 1;
    let jobs = jobs.into_iter().collect::<Vec<_>>().join(" or ");
    several.then(|| format!("{label}: with {jobs} trials side by side; speeds differ by that, too"))
}

/// How many seeds were planned for the group's own experiment and have no record anywhere.
fn missing(runs: &[Run], records: &[TrialRecord], trials: &[&TrialRecord]) -> usize {
    let Some(first) = trials.first() else { return 0 };
    let is_own = |run: &Run, key: &TrialKey| {
        // Identities of another engine revision cannot be computed, but a run plans a case once.
        let planned_here = || run.trials.iter().any(|key| key.identity == first.trial.identity);
        (&key.suite, &key.case) == (&first.trial.suite, &first.trial.case)
            && (key.identity == identity_with(first, key.seed) || planned_here())
    };
    let keys = runs.iter().flat_map(|run| run.trials.iter().filter(move |key| is_own(run, key)));
    let has_none = |key: &&TrialKey| !records.iter().any(|record| record.trial.identity == key.identity);
    keys.filter(has_none).map(|key| key.seed).collect::<BTreeSet<u64>>().len()
}
