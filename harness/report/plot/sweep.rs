//! A metric against a number that cases differ in.

use super::shared::{Plot, TRAIN, Unplottable, VALIDATION, line_notes, title};
use crate::analysis::{Group, summary, sweep};
use crate::report::chart::{Axis, Chart, Mark, Series};
use crate::report::quantity::{cell, drawn, name, plain_name, unit_name};
use crate::report::table::{Cell, Heading, Table};
use crate::stats::Summary;
use crate::suite::presentation::{Figure, Quantity};

const COLUMNS: [Heading; 10] = [
    Heading::new("series", "series"),
    Heading::new("metric", "metric"),
    Heading::new("value", "value"),
    Heading::detail("suite"),
    Heading::detail("case"),
    Heading::new("seeds", "seeds"),
    Heading::new("q25", "25 %"),
    Heading::new("median", "median"),
    Heading::new("q75", "75 %"),
    Heading::detail("mean"),
];

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, Unplottable> {
    let metrics = match figure.metrics.as_slice() {
        [] => [VALIDATION, TRAIN].to_vec(),
        metrics => metrics.to_vec(),
    };
    let sweep = sweep(groups, figure.by.as_deref())?;
    let (mut series, mut rows, mut ticks) = (Vec::new(), Vec::new(), Vec::new());
    let mut shown: Vec<Quantity> = Vec::new();
    for (colour, (family, members)) in sweep.families.iter().enumerate() {
        let mut family_name = family.clone();
        for (pattern, &metric) in metrics.iter().enumerate() {
            let found = |(number, group): &(f64, &Group)| Some((*number, summary(metric, group)?));
            let found: Vec<(f64, Summary)> = members.iter().filter_map(found).collect();
            if found.is_empty() {
                continue;
            }
            let at = |part: fn(&Summary) -> f64, all: &Summary| drawn(metric, part(all));
            let medians: Vec<[f64; 2]> =
                found.iter().map(|(x, all)| [*x, at(|all| all.median, all)]).collect();
            let mut one = Series::new(std::mem::take(&mut family_name));
            if metrics.len() > 1 {
                one = one.look(colour, pattern);
            }
            if found.iter().any(|(_, all)| all.count > 1) {
                let band = found.iter().map(|(x, all)| {
                    [*x, at(|all| all.lower_quartile, all), at(|all| all.upper_quartile, all)]
                });
                one = one.with(Mark::Band(band.collect()));
            }
            ticks.extend(found.iter().map(|(x, _)| *x));
            series.push(one.with(Mark::Line(medians.clone())).with(Mark::Points(medians)));
            if !shown.contains(&metric) {
                shown.push(metric);
            }
            for (number, group) in members {
                rows.extend(summary(metric, group).map(|all| row(family, metric, *number, group, &all)));
            }
        }
    }
    let Some(&first) = shown.first() else {
        let what = metrics.iter().map(|metric| plain_name(*metric)).collect::<Vec<_>>().join(" or ");
        return Err(Unplottable::Empty { what });
    };
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    let positive = ticks.first().is_some_and(|least| *least > 0.0);
    let x = if positive { Axis::log(&sweep.label) } else { Axis::linear(&sweep.label) };
    let best =
        |metric: Quantity, of: &str| if is_best(metric) { format!("best {of}") } else { of.to_owned() };
    let y = best(first, if shown.len() > 1 { unit_name(first.unit()) } else { name(first) });
    let notes = line_notes(groups, &metrics, &shown, |metric| best(metric, plain_name(metric)));
    let title = title(figure, groups, || format!("{y} by {}", sweep.label).replace(" %", ""));
    let y = Axis::linear(y);
    let chart = Chart { title: title.clone(), x: x.ticks_at(ticks), y, series, notes: notes.clone() };
    Ok(Plot { chart, data: Table { title, columns: COLUMNS.to_vec(), labels: 2, rows, notes } })
}

/// Whether it is the best over the epochs.
pub(in crate::report) fn is_best(quantity: Quantity) -> bool {
    matches!(quantity, Quantity::Metric(metric) if metric.is_of_every_epoch())
}

fn row(family: &str, metric: Quantity, number: f64, group: &Group, all: &Summary) -> Vec<Cell> {
    vec![
        Cell::Text(family.to_owned()),
        Cell::Text(metric.word().to_owned()),
        number_cell(number),
        Cell::Text(group.suite.to_owned()),
        Cell::Text(group.label.clone()),
        Cell::Count(all.count as u64),
        cell(metric, all.lower_quartile),
        cell(metric, all.median),
        cell(metric, all.upper_quartile),
        cell(metric, all.mean),
    ]
}

/// With the decimals it needs.
pub(in crate::report) fn number_cell(number: f64) -> Cell {
    let decimals = number.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    Cell::Number(number, decimals)
}
