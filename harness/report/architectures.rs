//! Architectures compared over their seeds.

use std::collections::{BTreeMap, BTreeSet};

use super::group::{Group, group, troubles};
use super::quantity::reservations;
use super::table::{Cell, Column, Table};
use crate::event::{Epoch, Score};
use crate::listing::Natural;
use crate::record::{Run, TrialKey, TrialRecord};
use crate::stats::{Summary, mean_interval, median};
use crate::suite::case::Metric;
use crate::suite::presentation::Quantity;

/// One table for each suite and dataset, ranked by the mean test accuracy of their cases; by
/// validation or train accuracy where some have no other. Trials that failed, diverged or have no
/// record (of those that `runs` planned) are counted and named.
pub fn architectures(runs: &[Run], records: &[TrialRecord]) -> Vec<Table> {
    let mut groups: BTreeMap<(Natural, Natural), Vec<Group>> = BTreeMap::new();
    for group in group(runs, records) {
        if let Some(first) = group.trials.first() {
            groups
                .entry((Natural(group.suite), Natural(&first.trial.experiment.data.dataset)))
                .or_default()
                .push(group);
        }
    }
    let mut tables: Vec<Table> = groups
        .into_iter()
        .map(|((Natural(suite), Natural(dataset)), groups)| table(suite, dataset, &groups))
        .collect();
    let found: BTreeSet<TrialKey> = records.iter().map(|record| TrialKey::from(&record.trial)).collect();
    let planned: BTreeSet<TrialKey> = runs.iter().flat_map(|run| run.trials.iter().cloned()).collect();
    let absent = planned.difference(&found);
    if let Some(last) = tables.last_mut() {
        last.notes
            .extend(absent.map(|key| format!("{}/{}, seed {}: no record", key.suite, key.case, key.seed)));
    }
    tables
}

/// The split that decides the ranks.
#[derive(Clone, Copy, Debug)]
enum Measure {
    Test,
    Validation,
    Train,
}

impl Measure {
    /// The first that every successful trial has.
    fn of(groups: &[Group]) -> Measure {
        let all = |measure: Measure| {
            groups.iter().flat_map(Group::successes).all(|record| measure.score(record).is_some())
        };
        [Measure::Test, Measure::Validation]
            .into_iter()
            .find(|&measure| all(measure))
            .unwrap_or(Measure::Train)
    }

    fn score(self, record: &TrialRecord) -> Option<Score> {
        match self {
            Measure::Test => record.finished.as_ref()?.test,
            Measure::Validation => kept(record)?.validation,
            Measure::Train => Some(kept(record)?.train),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Measure::Test => "test",
            Measure::Validation => "validation",
            Measure::Train => "train",
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Measure::Test => "test %",
            Measure::Validation => "validation %",
            Measure::Train => "train %",
        }
    }
}

/// The epoch whose weights were kept and tested.
pub(super) fn kept(record: &TrialRecord) -> Option<&Epoch> {
    let finished = record.finished.as_ref()?;
    match finished.best_epoch.filter(|_| finished.restored_best) {
        Some(best) => record.epochs.iter().find(|epoch| epoch.epoch == best),
        None => record.epochs.last(),
    }
}

fn table(suite: &str, dataset: &str, groups: &[Group]) -> Table {
    let measure = Measure::of(groups);
    let accuracy = |group: &Group| {
        let values: Vec<f64> =
            group.successes().filter_map(|record| Some(measure.score(record)?.accuracy)).collect();
        Summary::of(&values)
    };
    let mut ranked: Vec<(Option<Summary>, &Group)> =
        groups.iter().map(|group| (accuracy(group), group)).collect();
    // Stable: equal means stay in the order of names, and what has no mean comes last.
    ranked.sort_by(|(a, _), (b, _)| {
        let key = |summary: &Option<Summary>| summary.map_or(f64::NEG_INFINITY, |summary| summary.mean);
        key(b).total_cmp(&key(a))
    });
    let ahead = |mean: f64| ranked.iter().filter(|(other, _)| other.is_some_and(|o| o.mean > mean)).count();
    let row = |(summary, group): &(Option<Summary>, &Group)| {
        let rank = summary.map(|summary| ahead(summary.mean) as u64 + 1);
        row(measure, rank, *summary, group)
    };
    Table {
        title: format!("{suite} on {dataset}, ranked by {} accuracy", measure.name()),
        columns: columns(measure),
        labels: 2,
        rows: ranked.iter().map(row).collect(),
        notes: notes(groups),
    }
}

fn columns(measure: Measure) -> Vec<Column> {
    let shown = Column::new;
    let detail = Column::detail;
    vec![
        detail("suite"),
        detail("dataset"),
        shown("rank", "rank"),
        shown("case", "case"),
        shown("parameters", "parameters"),
        shown("trials", "seeds"),
        shown("succeeded", "ok"),
        detail("measure"),
        shown("accuracy", measure.heading()),
        shown("accuracy_sd", "± sd"),
        shown("accuracy_median", "median"),
        detail("accuracy_ci95_low"),
        detail("accuracy_ci95_high"),
        detail("accuracy_min"),
        detail("accuracy_q25"),
        detail("accuracy_q75"),
        detail("accuracy_max"),
        shown("loss", "loss"),
        shown("train_accuracy", "train %"),
        shown("best_epoch", "best epoch"),
        shown("samples_per_second", "samples/s"),
        shown("seconds", "time"),
        shown("peak_memory", "memory"),
        detail("device_peak_memory"),
        detail("processor"),
        detail("device"),
        detail("threads"),
        detail("libtorch"),
        detail("numerics_class"),
    ]
}

fn row(measure: Measure, rank: Option<u64>, accuracy: Option<Summary>, group: &Group) -> Vec<Cell> {
    let percent = |value| Cell::maybe(value, |value| Cell::Percent(value, 2));
    let interval = accuracy.as_ref().and_then(mean_interval);
    let of = |value: &dyn Fn(&TrialRecord) -> Option<f64>| -> Vec<f64> {
        group.successes().filter_map(value).collect()
    };
    let mean = |values: Vec<f64>| Summary::of(&values).map(|summary| summary.mean);
    let largest = |value: &dyn Fn(&TrialRecord) -> Option<u64>| {
        Cell::maybe(group.trials.iter().copied().filter_map(value).max(), Cell::Bytes)
    };
    let text = |text: &str| Cell::Text(text.to_owned());
    let Some(first) = group.trials.first() else { return Vec::new() };
    let engine = &first.fingerprint.engine;
    let parameters = group.trials.iter().find_map(|record| Some(record.started.as_ref()?.parameters));
    vec![
        text(group.suite),
        text(&first.trial.experiment.data.dataset),
        Cell::maybe(rank, Cell::Count),
        text(&group.label),
        Cell::maybe(parameters.or(first.trial.parameters), Cell::Count),
        Cell::Count((group.trials.len() + group.missing) as u64),
        Cell::Count(group.successes().count() as u64),
        text(measure.name()),
        percent(accuracy.map(|a| a.mean)),
        percent(accuracy.and_then(|a| a.deviation)),
        percent(accuracy.map(|a| a.median)),
        percent(interval.map(|i| i.low)),
        percent(interval.map(|i| i.high)),
        percent(accuracy.map(|a| a.min)),
        percent(accuracy.map(|a| a.lower_quartile)),
        percent(accuracy.map(|a| a.upper_quartile)),
        percent(accuracy.map(|a| a.max)),
        Cell::maybe(mean(of(&|record| Some(measure.score(record)?.loss))), |loss| Cell::Number(loss, 4)),
        percent(mean(of(&|record| Some(kept(record)?.train.accuracy)))),
        Cell::maybe(median(&of(&|record| record.finished.as_ref()?.best_epoch.map(f64::from))), |epoch| {
            Cell::Number(epoch, if epoch.fract() == 0.0 { 0 } else { 1 })
        }),
        Cell::maybe(median(&of(&speed)), |speed| Cell::Number(speed, 0)),
        Cell::maybe(median(&of(&|record| Some(record.finished.as_ref()?.wall_seconds))), Cell::Seconds),
        largest(&|record| Some(record.finished.as_ref()?.peak_memory)),
        largest(&|record| record.finished.as_ref()?.device_peak_memory),
        text(&first.fingerprint.host.cpu),
        text(&engine.device),
        Cell::Count(first.trial.environment.threads.into()),
        text(&engine.libtorch),
        text(&engine.numerics_class),
    ]
}

/// The median over the epochs: the first is slower, and so is one that was disturbed.
pub(super) fn speed(record: &TrialRecord) -> Option<f64> {
    median(&record.epochs.iter().map(Epoch::samples_per_second).collect::<Vec<_>>())
}

fn notes(groups: &[Group]) -> Vec<String> {
    let mut notes = vec![
        "accuracy and loss: mean over seeds, with the sample standard deviation in percentage points; best \
         epoch, samples/s and time: median; memory: largest"
            .to_owned(),
    ];
    let machines: BTreeSet<String> = groups.iter().flat_map(|group| &group.trials).map(machine).collect();
    notes.extend(machines);
    notes.extend(reservations(&[Quantity::Metric(Metric::TestLoss), Quantity::Throughput], groups));
    notes.extend(troubles(groups));
    notes
}

fn machine(record: &&TrialRecord) -> String {
    let engine = &record.fingerprint.engine;
    let threads = record.trial.environment.threads;
    let device = if engine.device == "cpu" { String::new() } else { format!("{}, ", engine.device) };
    let host = &record.fingerprint.host;
    let plural = if threads == 1 { "" } else { "s" };
    format!(
        "{}, {} cores, {device}{threads} thread{plural} a trial, libtorch {}",
        host.cpu, host.cores, engine.libtorch
    )
}
