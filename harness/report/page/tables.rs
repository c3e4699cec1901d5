//! The tables that a suite asks for.

use super::super::comparison::comparison;
use super::super::group::{seeds, seeds_with, troubles};
use super::super::plot::{Unplottable, is_best, number_cell};
use super::super::quantity::{cell, name, plain_name, reservations};
use super::super::table::{Cell, Heading, Table};
use crate::analysis::{Group, chosen, summary, sweep};
use crate::recipe::Metric;
use crate::record::{Run, TrialRecord};
use crate::stats::Summary;
use crate::suite::presentation::{Form, Quantity, Tabulated};

const TEST: [Quantity; 2] = [Quantity::Metric(Metric::TestLoss), Quantity::Metric(Metric::TestAccuracy)];
const BEST: [Quantity; 2] =
    [Quantity::Metric(Metric::ValidationAccuracy), Quantity::Metric(Metric::TrainAccuracy)];

/// One table, or one for each case.
///
/// # Errors
/// Where a sweep cannot place its cases.
pub(super) fn tables(
    asked: &Tabulated,
    runs: &[Run],
    records: &[TrialRecord],
) -> Result<Vec<Table>, Unplottable> {
    let groups = chosen(runs, records, &asked.cases);
    let titled = |title: &str| if asked.title.is_empty() { title } else { &asked.title }.to_owned();
    let or = |metrics: &[Quantity]| {
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

/// A case a column, a metric a row.
fn columns(title: String, groups: &[Group], headings: &[String], metrics: &[Quantity]) -> Table {
    // Headings are in the order of cases, which may lack a record or have several groups.
    let is_whole = |group: &Group| group.trials.iter().all(|record| record.trial.case == group.label);
    let as_asked = headings.len() == groups.len() && groups.iter().all(is_whole);
    let heading = |(index, group): (usize, &Group)| {
        let given = headings.get(index).filter(|_| as_asked);
        Heading::called(given.unwrap_or(&group.label))
    };
    let several = groups.iter().any(|group| group.successes().count() > 1);
    let first = Heading::called(if several { "mean over seeds ± sd" } else { "mean over seeds" });
    let row = |metric: &Quantity| {
        let words = |value| cell(*metric, value).for_people();
        let values = groups.iter().map(|group| match summary(*metric, group) {
            Some(Summary { mean, deviation: Some(deviation), .. }) => {
                Cell::Text(format!("{} ± {}", words(mean), words(deviation)))
            }
            found => Cell::maybe(found, |summary| cell(*metric, summary.mean)),
        });
        std::iter::once(Cell::Text(name(*metric).to_owned())).chain(values).collect()
    };
    Table {
        title,
        columns: std::iter::once(first).chain(groups.iter().enumerate().map(heading)).collect(),
        labels: 1,
        rows: metrics.iter().map(row).collect(),
        notes: seeds(groups)
            .into_iter()
            .chain(troubles(groups))
            .chain(reservations(metrics, groups))
            .collect(),
    }
}

/// The first seed's epochs beside the published training accuracies.
fn epochs(title: &str, group: &Group, published: &[f64]) -> Option<Table> {
    let record = group.successes().next()?;
    let validated = record.epochs.iter().any(|epoch| epoch.validation.is_some());
    let mut columns = vec![Heading::new("epoch", "epoch")];
    if !published.is_empty() {
        columns.push(Heading::new("published", "train %, published"));
    }
    columns.extend([Heading::new("train_accuracy", "train %"), Heading::new("train_loss", "train loss")]);
    if validated {
        columns.extend([
            Heading::new("validation_accuracy", "validation %"),
            Heading::new("validation_loss", "validation loss"),
        ]);
    }
    columns.push(Heading::new("seconds", "duration"));
    let row = |epoch: &crate::event::Epoch| {
        let mut row = vec![Cell::Count(epoch.epoch.into())];
        if !published.is_empty() {
            let of = published.get(epoch.epoch.saturating_sub(1) as usize);
            row.push(Cell::maybe(of, |accuracy| Cell::Percent(*accuracy, 3)));
        }
        row.extend([Cell::Percent(epoch.train.accuracy, 3), Cell::Number(epoch.train.loss, 4)]);
        if validated {
            row.push(Cell::maybe(epoch.validation, |score| Cell::Percent(score.accuracy, 3)));
            row.push(Cell::maybe(epoch.validation, |score| Cell::Number(score.loss, 4)));
        }
        row.push(Cell::Seconds(epoch.train_seconds + epoch.validation_seconds));
        row
    };
    let test = record.finished.as_ref().and_then(|finished| finished.test);
    let test =
        test.map(|test| format!("test accuracy {:.2} %, test loss {:.4}", test.accuracy * 100.0, test.loss));
    let loss = reservations(&TEST, std::slice::from_ref(group));
    Some(Table {
        title: format!("{title}: {}, seed {}", group.label, record.trial.seed),
        columns,
        labels: 1,
        rows: record.epochs.iter().map(row).collect(),
        notes: test.into_iter().chain(loss).collect(),
    })
}

/// A value a row, a series and metric a column: the median, and the quartiles where there are seeds.
fn swept(
    title: String,
    groups: &[Group],
    by: Option<&str>,
    metrics: &[Quantity],
) -> Result<Table, Unplottable> {
    let sweep = sweep(groups, by)?;
    let mut values: Vec<f64> =
        sweep.families.iter().flat_map(|(_, members)| members.iter().map(|(value, _)| *value)).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    let series: Vec<_> = sweep
        .families
        .iter()
        .flat_map(|family| metrics.iter().map(move |metric| (family, *metric)))
        .collect();
    let columns = series.iter().map(|((family, _), metric)| match family.is_empty() {
        true => Heading::called(name(*metric)),
        false => Heading::called(format!("{family}, {}", plain_name(*metric))),
    });
    let row = |value: &f64| {
        let cells = series.iter().map(|((_, members), metric)| {
            let group = members.iter().find(|(at, _)| at == value).map(|(_, group)| *group);
            let Some(all) = group.and_then(|group| summary(*metric, group)) else { return Cell::Missing };
            if all.count == 1 {
                return cell(*metric, all.median);
            }
            let words = |value| cell(*metric, value).for_people();
            Cell::Text(format!(
                "{} ({} to {})",
                words(all.median),
                words(all.lower_quartile),
                words(all.upper_quartile)
            ))
        });
        std::iter::once(number_cell(*value)).chain(cells).collect()
    };
    let best = metrics.iter().filter(|metric| is_best(**metric));
    let best: Vec<&str> = best.map(|metric| plain_name(*metric)).collect();
    let over_epochs = (!best.is_empty()).then(|| format!("{}: best over the epochs", best.join(", ")));
    let over_seeds = seeds_with(groups, "the median, and the 25th to the 75th percentile in brackets");
    Ok(Table {
        title,
        columns: std::iter::once(Heading::called(&sweep.label)).chain(columns).collect(),
        labels: 1,
        rows: values.iter().map(row).collect(),
        notes: over_epochs
            .into_iter()
            .chain(over_seeds)
            .chain(troubles(groups))
            .chain(reservations(metrics, groups))
            .collect(),
    })
}
