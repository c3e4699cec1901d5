//! A metric's distribution over seeds, case by case.

use super::shared::{Plot, PlotError, accuracy, notes, title};
use crate::analysis::{Group, named, values};
use crate::metrics::Metric;
use crate::report::chart::{Axis, Chart, Mark, Series};
use crate::report::metric::{axis, cell, drawn, plain_name, reservations};
use crate::report::table::{Cell, Column, Table};
use crate::stats::Summary;
use crate::suite::presentation::Figure;

type BoxColumn<'a> = Column<'static, (&'a Group<'a>, Summary)>;

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, PlotError> {
    let metric = match figure.metrics.as_slice() {
        [metric, ..] => *metric,
        [] => accuracy(groups),
    };
    let finite =
        |group| -> Vec<f64> { values(metric, group).into_iter().filter(|value| value.is_finite()).collect() };
    let all: Vec<(&Group, Vec<f64>)> =
        groups.iter().map(|group| (group, finite(group))).filter(|(_, values)| !values.is_empty()).collect();
    if all.is_empty() {
        return Err(PlotError::Empty { what: plain_name(metric) });
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
    let rows = all.iter().filter_map(|(group, values)| Some((*group, Summary::of(values)?)));
    let data = Table::new(title.clone(), columns(metric), rows).with_notes(notes.clone());
    let chart = Chart { title, x, y, series, notes };
    Ok(Plot { chart, data })
}

fn columns<'a>(metric: Metric) -> Vec<BoxColumn<'a>> {
    let of = |value: fn(&Summary) -> f64| move |(_, all): &(&Group, Summary)| cell(metric, value(all));
    vec![
        BoxColumn::label("suite", "suite", |(group, _)| Cell::text(group.suite)),
        BoxColumn::label("case", "case", |(group, _)| Cell::text(&group.label)),
        BoxColumn::new("metric", "metric", move |_| Cell::text(metric.word())),
        BoxColumn::new("seeds", "seeds", |(_, all)| Cell::count(all.count)),
        BoxColumn::new("min", "min", of(|all| all.min)),
        BoxColumn::new("q25", "25 %", of(|all| all.lower_quartile)),
        BoxColumn::new("median", "median", of(|all| all.median)),
        BoxColumn::new("q75", "75 %", of(|all| all.upper_quartile)),
        BoxColumn::new("max", "max", of(|all| all.max)),
        BoxColumn::detail("mean", of(|all| all.mean)),
        BoxColumn::detail("sd", move |(_, all)| {
            Cell::maybe(all.deviation, |deviation| cell(metric, deviation))
        }),
    ]
}
