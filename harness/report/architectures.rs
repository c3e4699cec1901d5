//! Architectures compared over their seeds.

use std::collections::BTreeSet;

use super::group::troubles;
use super::metric::reservations;
use super::table::{Cell, Column, Table};
use crate::analysis::{Group, Measure, Ranked, Ranking, rankings, unrecorded};
use crate::metrics::Metric;
use crate::record::{Run, TrialRecord};
use crate::stats::{Interval, Summary, mean_interval};

type RankedColumn<'a> = Column<'static, RankedRow<'a>>;

/// Returns a table for each suite and dataset, ranked by the mean test accuracy of their cases; by validation or train
/// accuracy where some have no other. Trials that failed, diverged or have no record (of those that `runs` planned) are
/// counted and named.
pub fn architectures(runs: &[Run], records: &[TrialRecord]) -> Vec<Table> {
    let mut tables: Vec<Table> = rankings(runs, records).iter().map(ranking_table).collect();
    if let Some(last) = tables.last_mut() {
        let absent = unrecorded(runs, records).into_iter();
        last.notes
            .extend(absent.map(|key| format!("{}/{}, seed {}: no record", key.suite, key.case, key.seed)));
    }
    tables
}

/// Returns the table of one suite and dataset.
pub(super) fn ranking_table(ranking: &Ranking) -> Table {
    let Ranking { suite, dataset, measure, groups } = ranking;
    let title = format!("{suite} on {dataset}, ranked by {} accuracy", measure.name());
    let ranked = ranking.ranked().into_iter();
    let cases = ranked.filter_map(|ranked| {
        let first = ranked.group.trials.first().copied()?;
        let interval = ranked.accuracy.as_ref().and_then(mean_interval);
        Some(RankedRow { ranked, first, interval })
    });
    Table::new(title, columns(*measure), cases).with_notes(notes(groups))
}

/// A case with what its row shows besides.
struct RankedRow<'a> {
    ranked: Ranked<'a>,
    /// The first trial, which says what all of them share.
    first: &'a TrialRecord,
    /// The 95 % interval of the mean accuracy; `None` for fewer than two seeds.
    interval: Option<Interval>,
}

fn heading(measure: Measure) -> &'static str {
    match measure {
        Measure::Test => "test %",
        Measure::Validation => "validation %",
        Measure::Train => "train %",
    }
}

fn columns<'a>(measure: Measure) -> Vec<RankedColumn<'a>> {
    let accuracy = |value: fn(Summary) -> Option<f64>| {
        move |case: &RankedRow| Cell::percent(case.ranked.accuracy.and_then(value), 2)
    };
    let interval =
        |value: fn(Interval) -> f64| move |case: &RankedRow| Cell::percent(case.interval.map(value), 2);
    vec![
        RankedColumn::detail("suite", |case| Cell::text(case.ranked.group.suite)),
        RankedColumn::detail("dataset", |case| Cell::text(&case.first.trial.experiment.data.dataset)),
        RankedColumn::label("rank", "rank", |case| Cell::maybe(case.ranked.rank, Cell::Count)),
        RankedColumn::label("case", "case", |case| Cell::text(&case.ranked.group.label)),
        RankedColumn::new("parameters", "parameters", |case| {
            Cell::maybe(case.ranked.parameters, Cell::Count)
        }),
        RankedColumn::new("trials", "seeds", |case| {
            Cell::count(case.ranked.group.trials.len() + case.ranked.group.missing)
        }),
        RankedColumn::new("succeeded", "ok", |case| Cell::count(case.ranked.group.successes().count())),
        RankedColumn::detail("measure", move |_| Cell::text(measure.name())),
        RankedColumn::new("accuracy", heading(measure), accuracy(|all| Some(all.mean))),
        RankedColumn::new("accuracy_sd", "± sd", accuracy(|all| all.deviation)),
        RankedColumn::new("accuracy_median", "median", accuracy(|all| Some(all.median))),
        RankedColumn::detail("accuracy_ci95_low", interval(|interval| interval.low)),
        RankedColumn::detail("accuracy_ci95_high", interval(|interval| interval.high)),
        RankedColumn::detail("accuracy_min", accuracy(|all| Some(all.min))),
        RankedColumn::detail("accuracy_q25", accuracy(|all| Some(all.lower_quartile))),
        RankedColumn::detail("accuracy_q75", accuracy(|all| Some(all.upper_quartile))),
        RankedColumn::detail("accuracy_max", accuracy(|all| Some(all.max))),
        RankedColumn::new("loss", "loss", |case| Cell::number(case.ranked.loss, 4)),
        RankedColumn::new("train_accuracy", "train %", |case| Cell::percent(case.ranked.train_accuracy, 2)),
        RankedColumn::new("best_epoch", "best epoch", |case| {
            let decimals = |epoch: f64| if epoch.fract() == 0.0 { 0 } else { 1 };
            Cell::maybe(case.ranked.best_epoch, |epoch| Cell::Number(epoch, decimals(epoch)))
        }),
        RankedColumn::new("samples_per_second", "samples/s", |case| {
            Cell::number(case.ranked.samples_per_second, 0)
        }),
        RankedColumn::new("seconds", "time", |case| Cell::seconds(case.ranked.wall_seconds)),
        RankedColumn::new("peak_memory", "memory", |case| Cell::maybe(case.ranked.peak_memory, Cell::Bytes)),
        RankedColumn::detail("device_peak_memory", |case| {
            Cell::maybe(case.ranked.device_peak_memory, Cell::Bytes)
        }),
        RankedColumn::detail("processor", |case| {
            let timed = case.ranked.group.timed().next().unwrap_or(case.first);
            Cell::text(&timed.fingerprint.host.cpu)
        }),
        RankedColumn::detail("device", |case| Cell::text(&case.first.fingerprint.engine.device)),
        RankedColumn::detail("threads", |case| Cell::Count(case.first.trial.environment.threads.into())),
        RankedColumn::detail("libtorch", |case| Cell::text(&case.first.fingerprint.engine.libtorch)),
        RankedColumn::detail("numerics_class", |case| {
            Cell::text(case.first.fingerprint.engine.class_of(&case.first.trial.experiment))
        }),
    ]
}

fn notes(groups: &[Group]) -> Vec<String> {
    let mut notes = vec![
        "accuracy and loss: mean over seeds, with the sample standard deviation in percentage points; best \
         epoch, samples/s and time: median; memory: largest"
            .to_owned(),
    ];
    let machines: BTreeSet<String> = groups.iter().flat_map(|group| &group.trials).map(machine).collect();
    notes.extend(machines);
    notes.extend(reservations(&[Metric::TEST_LOSS, Metric::THROUGHPUT], groups));
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
