//! The tables that a suite asks for.

use super::super::comparison::comparison;
use super::super::group::{class_names, seeds, seeds_with, troubles};
use super::super::metric::{cell, plain_name, reservations};
use super::super::plot::{PlotError, is_best, number_cell};
use super::super::table::{Cell, Column, Table};
use crate::analysis::{Group, chosen, summary, sweep};
use crate::event::Epoch;
use crate::metrics::Metric;
use crate::record::{Run, TrialRecord};
use crate::stats::Summary;
use crate::suite::presentation::{Form, Tabulated};

type MetricColumn<'a> = Column<'a, Metric>;
type PageEpochColumn<'a> = Column<'a, Epoch>;
type ValueColumn<'a> = Column<'a, f64>;

const TEST: [Metric; 2] = [Metric::TEST_LOSS, Metric::TEST_ACCURACY];
const BEST: [Metric; 2] = [Metric::VALIDATION_ACCURACY, Metric::TRAIN_ACCURACY];

/// Returns one table, or one for each case.
///
/// # Errors
/// Where a sweep cannot place its cases.
pub(super) fn tables(
    asked: &Tabulated,
    runs: &[Run],
    records: &[TrialRecord],
) -> Result<Vec<Table>, PlotError> {
    let groups = chosen(runs, records, &asked.cases);
    let titled = |title: &str| if asked.title.is_empty() { title } else { &asked.title }.to_owned();
    let or = |metrics: &[Metric]| {
        if asked.metrics.is_empty() { metrics.to_vec() } else { asked.metrics.clone() }
    };
    let mut tables = match &asked.form {
        Form::Cases => vec![comparison(&titled("Cases side by side"), runs, records, &asked.cases)],
        Form::Columns(headings) => vec![columns(titled("By case"), &groups, headings, &or(&TEST))],
        Form::Epochs(published) => {
            groups.iter().filter_map(|group| epochs(&titled("Epoch by epoch"), group, published)).collect()
        }
        Form::Sweep(by) => {
            vec![swept(titled("Best values"), &groups, by.as_deref(), &or(&BEST))?]
        }
    };
    if let Some(last) = tables.last_mut().filter(|_| !asked.note.is_empty()) {
        last.notes.push(asked.note.clone());
    }
    Ok(tables)
}

/// Returns a table with a column for each case and a row for each metric.
fn columns(title: String, groups: &[Group], headings: &[String], metrics: &[Metric]) -> Table {
    // Headings are in the order of cases, which may lack a record or have several groups.
    let is_whole = |group: &Group| group.trials.iter().all(|record| record.trial.case == group.label);
    let as_asked = headings.len() == groups.len() && groups.iter().all(is_whole);
    let several = groups.iter().any(|group| group.successes().count() > 1);
    let first = if several { "mean over seeds ± sd" } else { "mean over seeds" };
    let mut columns = vec![MetricColumn::label(first, first, |metric| {
        Cell::text(metric.heading_with(class_names(groups)))
    })];
    columns.extend(groups.iter().enumerate().map(|(index, group)| {
        let given = headings.get(index).filter(|_| as_asked);
        let heading = given.unwrap_or(&group.label).clone();
        MetricColumn::called(heading, |metric| mean_and_deviation(*metric, group))
    }));
    Table::new(title, columns, metrics)
        .with_notes(seeds(groups))
        .with_notes(troubles(groups))
        .with_notes(reservations(metrics, groups))
}

fn mean_and_deviation(metric: Metric, group: &Group) -> Cell {
    let words = |value| cell(metric, value).for_people();
    match summary(metric, group) {
        Some(Summary { mean, deviation: Some(deviation), .. }) => {
            Cell::Text(format!("{} ± {}", words(mean), words(deviation)))
        }
        found => Cell::maybe(found, |summary| cell(metric, summary.mean)),
    }
}

/// Returns a table of the first seed's epochs beside the published training accuracies; `None` if no seed ended well.
fn epochs(title: &str, group: &Group, published: &[f64]) -> Option<Table> {
    let record = group.successes().next()?;
    let mut columns = vec![PageEpochColumn::label("epoch", "epoch", |epoch| Cell::Count(epoch.epoch.into()))];
    if !published.is_empty() {
        columns.push(PageEpochColumn::new("published", "train %, published", |epoch| {
            let accuracy = published.get(epoch.epoch.saturating_sub(1) as usize);
            Cell::percent(accuracy.copied(), 3)
        }));
    }
    columns.push(PageEpochColumn::new("train_accuracy", "train %", |epoch| {
        Cell::Percent(epoch.train.accuracy, 3)
    }));
    columns.push(PageEpochColumn::new("train_loss", "train loss", |epoch| Cell::Number(epoch.train.loss, 4)));
    if record.epochs.iter().any(|epoch| epoch.validation.is_some()) {
        columns.push(PageEpochColumn::new("validation_accuracy", "validation %", |epoch| {
            Cell::percent(epoch.validation.map(|score| score.accuracy), 3)
        }));
        columns.push(PageEpochColumn::new("validation_loss", "validation loss", |epoch| {
            Cell::number(epoch.validation.map(|score| score.loss), 4)
        }));
    }
    columns.push(PageEpochColumn::new("seconds", "duration", |epoch| {
        Cell::Seconds(epoch.train_seconds + epoch.validation_seconds)
    }));
    let test = record.finished.as_ref().and_then(|finished| finished.test);
    let test =
        test.map(|test| format!("test accuracy {:.2} %, test loss {:.4}", test.accuracy * 100.0, test.loss));
    let title = format!("{title}: {}, seed {}", group.label, record.trial.seed);
    let table = Table::new(title, columns, &record.epochs);
    Some(table.with_notes(test).with_notes(reservations(&TEST, std::slice::from_ref(group))))
}

/// Returns a table with a row for each value and a column for each series and metric: the median, and the quartiles
/// where there are several seeds.
fn swept(title: String, groups: &[Group], by: Option<&str>, metrics: &[Metric]) -> Result<Table, PlotError> {
    let sweep = sweep(groups, by)?;
    let names = class_names(groups);
    let mut values: Vec<f64> =
        sweep.families.iter().flat_map(|(_, members)| members.iter().map(|(value, _)| *value)).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let mut columns =
        vec![ValueColumn::label(sweep.label.clone(), sweep.label.clone(), |value| number_cell(*value))];
    for (family, members) in &sweep.families {
        for &metric in metrics {
            let heading = if family.is_empty() {
                metric.heading_with(names)
            } else {
                format!("{family}, {}", plain_name(metric, names))
            };
            columns.push(ValueColumn::called(heading, move |value| {
                let group = members.iter().find(|(at, _)| at == value).map(|(_, group)| *group);
                median_and_quartiles(metric, group)
            }));
        }
    }
    let best = metrics.iter().filter(|metric| is_best(**metric));
    let best: Vec<String> = best.map(|metric| plain_name(*metric, names)).collect();
    let over_epochs = (!best.is_empty()).then(|| format!("{}: best over the epochs", best.join(", ")));
    let over_seeds = seeds_with(groups, "the median, and the 25th to the 75th percentile in brackets");
    let table = Table::new(title, columns, values)
        .with_notes(over_epochs)
        .with_notes(over_seeds)
        .with_notes(troubles(groups))
        .with_notes(reservations(metrics, groups));
    Ok(table)
}

fn median_and_quartiles(metric: Metric, group: Option<&Group>) -> Cell {
    let Some(all) = group.and_then(|group| summary(metric, group)) else { return Cell::Missing };
    if all.count == 1 {
        return cell(metric, all.median);
    }
    let words = |value| cell(metric, value).for_people();
    Cell::Text(format!(
        "{} ({} to {})",
        words(all.median),
        words(all.lower_quartile),
        words(all.upper_quartile)
    ))
}
