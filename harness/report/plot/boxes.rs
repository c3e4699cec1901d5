//! A metric's distribution over seeds, case by case.

use super::shared::{Plot, PlotError, accuracy, notes, title};
use crate::analysis::{Group, missed, named, values};
use crate::metrics::Metric;
use crate::report::chart::{Axis, Chart, Mark, Series};
use crate::report::group::class_names;
use crate::report::metric::{axis, cell, drawn, plain_name, reservations};
use crate::report::table::{Cell, Column, Table};
use crate::stats::Summary;
use crate::suite::presentation::Figure;

type BoxColumn<'a> = Column<'static, BoxRow<'a>>;

/// A case, and its metric over the seeds that reached the target, if the metric asks for one; `None` if none did.
type BoxRow<'a> = (&'a Group<'a>, Option<Summary>);

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, PlotError> {
    let names = class_names(groups);
    let metric = match figure.metrics.as_slice() {
        [metric, ..] => *metric,
        [] => accuracy(groups),
    };
    let finite =
        |group| -> Vec<f64> { values(metric, group).into_iter().filter(|value| value.is_finite()).collect() };
    let all: Vec<(&Group, Vec<f64>)> =
        groups.iter().map(|group| (group, finite(group))).filter(|(_, values)| !values.is_empty()).collect();
    if all.is_empty() {
        return Err(PlotError::Empty { what: plain_name(metric, names) });
    }
    let labels = all.iter().map(|(group, _)| named(group, groups)).collect();
    let places = all.iter().enumerate().map(|(index, (_, values))| {
        (index as f64, values.iter().map(|value| drawn(metric, *value)).collect())
    });
    let series = vec![Series::new("").with(Mark::Boxes(places.collect()))];
    let mut notes =
        notes(groups, "each a point; boxes from the 25th to the 75th percentile, a line at the median");
    notes.extend(reservations(&[metric], groups));
    let title = title(figure, groups, || format!("{} over seeds", plain_name(metric, names)));
    let x = Axis { scale: crate::report::chart::Scale::Linear, ..axis(metric, names) };
    let y = Axis::categories("", labels);
    let rows = groups
        .iter()
        .map(|group| (group, Summary::of(&finite(group))))
        .filter(|(group, all)| all.is_some() || missed(metric, group) > 0);
    let data = Table::new(title.clone(), columns(metric), rows).with_notes(notes.clone());
    let chart = Chart { title, x, y, series, notes };
    Ok(Plot { chart, data })
}

fn columns<'a>(metric: Metric) -> Vec<BoxColumn<'a>> {
    let of = |value: fn(&Summary) -> f64| {
        move |(_, all): &BoxRow| Cell::maybe(all.as_ref(), |all| cell(metric, value(all)))
    };
    vec![
        BoxColumn::label("suite", "suite", |(group, _)| Cell::text(group.suite)),
        BoxColumn::label("case", "case", |(group, _)| Cell::text(&group.label)),
        BoxColumn::new("metric", "metric", move |_| Cell::text(metric.word())),
        BoxColumn::new("seeds", "seeds", |(_, all)| Cell::count(all.map_or(0, |all| all.count))),
        BoxColumn::new("min", "min", of(|all| all.min)),
        BoxColumn::new("q25", "25 %", of(|all| all.lower_quartile)),
        BoxColumn::new("median", "median", of(|all| all.median)),
        BoxColumn::new("q75", "75 %", of(|all| all.upper_quartile)),
        BoxColumn::new("max", "max", of(|all| all.max)),
        BoxColumn::detail("mean", of(|all| all.mean)),
        BoxColumn::detail("sd", move |(_, all)| {
            Cell::maybe(all.and_then(|all| all.deviation), |deviation| cell(metric, deviation))
        }),
    ]
}
