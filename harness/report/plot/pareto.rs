//! Accuracy against cost, and the cases that no other beats in both.

use super::shared::{Plot, PlotError, accuracy, notes, title};
use crate::analysis::{CostAndGain, Group, named, pareto};
use crate::metrics::Metric;
use crate::report::chart::{Chart, Mark, Series};
use crate::report::group::class_names;
use crate::report::metric::{axis, cell, drawn, plain_name, reservations};
use crate::report::table::{Cell, Column, Table};
use crate::suite::presentation::Figure;

type ParetoColumn<'a> = Column<'static, CostAndGain<'a>>;

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, PlotError> {
    let names = class_names(groups);
    let against = figure.against;
    let metric = figure.metrics.first().copied().unwrap_or_else(|| accuracy(groups));
    let cases = pareto(groups, against, metric);
    let points: Vec<(&CostAndGain, [f64; 2])> = cases
        .iter()
        .filter_map(|case| {
            let [cost, gain] = case.both()?;
            Some((case, [drawn(against, cost), drawn(metric, gain)]))
        })
        .collect();
    if points.is_empty() {
        let what = format!("{} and {}", plain_name(metric, names), plain_name(against, names));
        return Err(PlotError::Empty { what });
    }
    let part = |wanted: bool| -> Vec<[f64; 2]> {
        points.iter().filter(|(case, _)| case.on_front == Some(wanted)).map(|(_, at)| *at).collect()
    };
    let front = part(true);
    let labels = points.iter().map(|(case, at)| (*at, named(case.group, groups))).collect();
    let series = vec![
        Series::new("beaten by none in both")
            .look(1, 0)
            .with(Mark::Line(front.clone()))
            .with(Mark::Points(front)),
        Series::new("beaten by another")
            .look(0, 1)
            .with(Mark::Points(part(false)))
            .with(Mark::Labels(labels)),
    ];
    let mut notes = notes(groups, "points at the medians");
    notes.extend(reservations(&[metric, against], groups));
    let title = title(figure, groups, || {
        format!("{} against {}", plain_name(metric, names), plain_name(against, names))
    });
    let data = Table::new(title.clone(), columns(against, metric, names), &cases).with_notes(notes.clone());
    let chart = Chart { title, x: axis(against, names), y: axis(metric, names), series, notes };
    Ok(Plot { chart, data })
}

fn columns<'a>(against: Metric, metric: Metric, names: &[String]) -> Vec<ParetoColumn<'a>> {
    let column = |metric: Metric, value: fn(&CostAndGain) -> Option<f64>| {
        ParetoColumn::new(metric.word(), metric.heading_with(names), move |case| {
            Cell::maybe(value(case), |value| cell(metric, value))
        })
    };
    vec![
        ParetoColumn::label("suite", "suite", |case| Cell::text(case.group.suite)),
        ParetoColumn::label("case", "case", |case| Cell::text(&case.group.label)),
        ParetoColumn::new("seeds", "seeds", |case| Cell::count(case.group.successes().count())),
        column(against, |case| case.cost),
        column(metric, |case| case.gain),
        ParetoColumn::new("front", "beaten by none", |case| {
            Cell::maybe(case.on_front, |on_front| Cell::text(if on_front { "yes" } else { "no" }))
        }),
    ]
}
