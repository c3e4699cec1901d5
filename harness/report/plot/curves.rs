//! Learning curves: epoch by epoch, over seeds the median and the middle half.

use std::collections::BTreeMap;

use super::shared::{Plot, TRAIN, Unplottable, VALIDATION, line_notes, title};
use crate::analysis::{Group, named, of_epoch};
use crate::report::chart::{Axis, Chart, Mark, Series};
use crate::report::quantity::{cell, drawn, name, plain_name, unit_name};
use crate::report::table::{Cell, Heading, Table};
use crate::stats::Summary;
use crate::suite::presentation::{Figure, Quantity};

const COLUMNS: [Heading; 9] = [
    Heading::new("suite", "suite"),
    Heading::new("case", "case"),
    Heading::new("metric", "metric"),
    Heading::new("epoch", "epoch"),
    Heading::new("seeds", "seeds"),
    Heading::new("q25", "25 %"),
    Heading::new("median", "median"),
    Heading::new("q75", "75 %"),
    Heading::detail("mean"),
];

/// So few epochs have a tick each.
const EVERY: usize = 12;

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, Unplottable> {
    let metrics = match figure.metrics.as_slice() {
        [] => [VALIDATION, TRAIN].to_vec(),
        metrics => metrics.to_vec(),
    };
    let (mut series, mut rows) = (Vec::new(), Vec::new());
    let mut shown: Vec<Quantity> = Vec::new();
    for (colour, group) in groups.iter().enumerate() {
        let mut label = named(group, groups);
        for (pattern, &metric) in metrics.iter().enumerate() {
            let epochs = epochs(metric, group);
            if epochs.is_empty() {
                continue;
            }
            let value = move |part: fn(&Summary) -> f64, all: &Option<Summary>| {
                drawn(metric, all.as_ref().map_or(f64::NAN, part))
            };
            let of =
                |part: fn(&Summary) -> f64| epochs.iter().map(move |(epoch, all)| (*epoch, value(part, all)));
            let mut one = Series::new(std::mem::take(&mut label));
            // With one metric the look goes by the series' place.
            if metrics.len() > 1 {
                one = one.look(colour, pattern);
            }
            if epochs.iter().flat_map(|(_, all)| all).any(|all| all.count > 1) {
                let low = of(|all| all.lower_quartile);
                let band = low.zip(of(|all| all.upper_quartile)).map(|((x, low), (_, high))| [x, low, high]);
                one = one.with(Mark::Band(band.collect()));
            }
            series.push(one.with(Mark::Line(of(|all| all.median).map(|(x, y)| [x, y]).collect())));
            let known = epochs.iter().filter_map(|(epoch, all)| Some((epoch, all.as_ref()?)));
            rows.extend(known.map(|(epoch, all)| row(group, metric, *epoch, all)));
            if !shown.contains(&metric) {
                shown.push(metric);
            }
        }
    }
    let Some(&first) = shown.first() else {
        let what = metrics.iter().map(|metric| plain_name(*metric)).collect::<Vec<_>>().join(" or ");
        return Err(Unplottable::Empty { what });
    };
    let mut notes = line_notes(groups, &metrics, &shown, |metric| plain_name(metric).to_owned());
    notes.extend(groups.iter().filter_map(ended_earlier));
    let y = if shown.len() > 1 { unit_name(first.unit()) } else { name(first) };
    let title = title(figure, groups, || "learning curves".to_owned());
    let last = groups.iter().flat_map(Group::successes).map(|record| record.epochs.len()).max().unwrap_or(0);
    let mut x = Axis::linear("epoch");
    if last <= EVERY {
        x = x.ticks_at((1..=last).map(|epoch| epoch as f64).collect());
    }
    let chart = Chart { title: title.clone(), x, y: Axis::linear(y), series, notes: notes.clone() };
    Ok(Plot { chart, data: Table { title, columns: COLUMNS.to_vec(), labels: 3, rows, notes } })
}

/// Each epoch's summary over the seeds that reached it; none where one of them is not finite. Empty where
/// no epoch has the metric.
fn epochs(metric: Quantity, group: &Group) -> Vec<(f64, Option<Summary>)> {
    let mut values: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for epoch in group.successes().flat_map(|record| &record.epochs) {
        if let Some(value) = of_epoch(metric, epoch) {
            values.entry(epoch.epoch).or_default().push(value);
        }
    }
    values.into_iter().map(|(epoch, values)| (f64::from(epoch), Summary::of(&values))).collect()
}

/// Of a group whose seeds trained for different numbers of epochs.
fn ended_earlier(group: &Group) -> Option<String> {
    let lengths = || group.successes().map(|record| record.epochs.len());
    let (least, most) = (lengths().min()?, lengths().max()?);
    (least < most).then(|| {
        let last = lengths().filter(|length| *length == most).count();
        let of = lengths().count();
        format!(
            "{}: the first of {of} seeds ended after epoch {least}; from there the line is that of the others, {last} at \
             epoch {most}",
            group.label
        )
    })
}

fn row(group: &Group, metric: Quantity, epoch: f64, all: &Summary) -> Vec<Cell> {
    vec![
        Cell::Text(group.suite.to_owned()),
        Cell::Text(group.label.clone()),
        Cell::Text(metric.word().to_owned()),
        Cell::Count(epoch as u64),
        Cell::Count(all.count as u64),
        cell(metric, all.lower_quartile),
        cell(metric, all.median),
        cell(metric, all.upper_quartile),
        cell(metric, all.mean),
    ]
}
