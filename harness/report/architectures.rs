//! Architectures compared over their seeds.

use std::collections::BTreeSet;

use super::group::troubles;
use super::quantity::reservations;
use super::table::{Cell, Heading, Table};
use crate::analysis::{Group, Measure, Ranked, Ranking, kept, rankings, speed, unrecorded};
use crate::recipe::Metric;
use crate::record::{Run, TrialRecord};
use crate::stats::{Summary, mean_interval, median};
use crate::suite::presentation::Quantity;

/// One table for each suite and dataset, ranked by the mean test accuracy of their cases; by
/// validation or train accuracy where some have no other. Trials that failed, diverged or have no
/// record (of those that `runs` planned) are counted and named.
pub fn architectures(runs: &[Run], records: &[TrialRecord]) -> Vec<Table> {
    let mut tables: Vec<Table> = rankings(runs, records).iter().map(table).collect();
    if let Some(last) = tables.last_mut() {
        let absent = unrecorded(runs, records).into_iter();
        last.notes
            .extend(absent.map(|key| format!("{}/{}, seed {}: no record", key.suite, key.case, key.seed)));
    }
    tables
}

fn table(ranking: &Ranking) -> Table {
    let Ranking { suite, dataset, measure, groups } = ranking;
    let row = |ranked: &Ranked| row(*measure, ranked.rank, ranked.accuracy, ranked.group);
    Table {
        title: format!("{suite} on {dataset}, ranked by {} accuracy", measure.name()),
        columns: columns(*measure),
        labels: 2,
        rows: ranking.ranked().iter().map(row).collect(),
        notes: notes(groups),
    }
}

fn heading(measure: Measure) -> &'static str {
    match measure {
        Measure::Test => "test %",
        Measure::Validation => "validation %",
        Measure::Train => "train %",
    }
}

fn columns(measure: Measure) -> Vec<Heading> {
    let shown = Heading::new;
    let detail = Heading::detail;
    vec![
        detail("suite"),
        detail("dataset"),
        shown("rank", "rank"),
        shown("case", "case"),
        shown("parameters", "parameters"),
        shown("trials", "seeds"),
        shown("succeeded", "ok"),
        detail("measure"),
        shown("accuracy", heading(measure)),
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
        Cell::Text(engine.class_of(&first.trial.experiment)),
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
