//! A metric's distribution over seeds, case by case.

use super::shared::{Plot, Unplottable, accuracy, notes, title};
use crate::analysis::{Group, named, values};
use crate::report::chart::{Axis, Chart, Mark, Series};
use crate::report::quantity::{axis, cell, drawn, plain_name, reservations};
use crate::report::table::{Cell, Heading, Table};
use crate::stats::Summary;
use crate::suite::presentation::{Figure, Quantity};

const COLUMNS: [Heading; 11] = [
    Heading::new("suite", "suite"),
    Heading::new("case", "case"),
    Heading::new("metric", "metric"),
    Heading::new("seeds", "seeds"),
    Heading::new("min", "min"),
    Heading::new("q25", "25 %"),
    Heading::new("median", "median"),
    Heading::new("q75", "75 %"),
    Heading::new("max", "max"),
    Heading::detail("mean"),
    Heading::detail("sd"),
];

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, Unplottable> {
    let metric = match figure.metrics.as_slice() {
        [metric, ..] => *metric,
        [] => accuracy(groups),
    };
    let all: Vec<(&Group, Vec<f64>)> = groups
        .iter()
        .map(|group| (group, values(metric, group)))
        .filter(|(_, values)| !values.is_empty())
        .collect();
    if all.is_empty() {
        return Err(Unplottable::Empty { what: plain_name(metric).to_owned() });
    }
    let names = all.iter().map(|(group, _)| named(group, groups)).collect();
    let places = all.iter().enumerate().map(|(index, (_, values))| {
        (index as f64, values.iter().map(|value| drawn(metric, *value)).collect())
    });
    let series = vec![Series::new("").with(Mark::Boxes(places.collect()))];
    let mut notes =
        notes(groups, "each a point; boxes from the 25th to the 75th percentile, a line at the median");
    notes.extend(reservations(&[metric], groups));
    let title = title(figure, groups, || format!("{} over seeds", plain_name(metric)));
    let x = Axis { scale: crate::report::chart::Scale::Linear, ..axis(metric) };
    let y = Axis::categories("", names);
    let rows =
        all.iter().filter_map(|(group, values)| Some(row(group, metric, Summary::of(values)?))).collect();
    let chart = Chart { title: title.clone(), x, y, series, notes: notes.clone() };
    Ok(Plot { chart, data: Table { title, columns: COLUMNS.to_vec(), labels: 2, rows, notes } })
}

fn row(group: &Group, metric: Quantity, all: Summary) -> Vec<Cell> {
    vec![
        Cell::Text(group.suite.to_owned()),
        Cell::Text(group.label.clone()),
        Cell::Text(metric.word().to_owned()),
        Cell::Count(all.count as u64),
        cell(metric, all.min),
        cell(metric, all.lower_quartile),
        cell(metric, all.median),
        cell(metric, all.upper_quartile),
        cell(metric, all.max),
        cell(metric, all.mean),
        Cell::maybe(all.deviation, |deviation| cell(metric, deviation)),
    ]
}
