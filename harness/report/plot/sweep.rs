//! A metric against a number that cases differ in.

use super::shared::{Plot, PlotError, TRAIN, VALIDATION, line_notes, title};
use crate::analysis::{Group, missed, summary, sweep, values};
use crate::metrics::Metric;
use crate::report::chart::{Axis, Chart, Mark, Series};
use crate::report::group::class_names;
use crate::report::metric::{axis_name, cell, drawn, plain_name};
use crate::report::table::{Cell, Column, Table};
use crate::stats::Summary;
use crate::suite::presentation::Figure;

type SweepColumn<'a> = Column<'static, SweepRow<'a>>;

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, PlotError> {
    let names = class_names(groups);
    let metrics = match figure.metrics.as_slice() {
        [] => [VALIDATION, TRAIN].to_vec(),
        metrics => metrics.to_vec(),
    };
    let sweep = sweep(groups, figure.by.as_deref())?;
    let mut series = Vec::new();
    let mut rows = Vec::new();
    let mut ticks = Vec::new();
    let mut shown: Vec<Metric> = Vec::new();
    for (colour, (family, members)) in sweep.families.iter().enumerate() {
        let mut family_name = family.clone();
        for (pattern, &metric) in metrics.iter().enumerate() {
            let found = |(number, group): &(f64, &Group)| Some((*number, summary(metric, group)?));
            let found: Vec<(f64, Summary)> = members.iter().filter_map(found).collect();
            for (number, group) in members {
                let all = summary(metric, group);
                if all.is_some() || missed(metric, group) > 0 {
                    rows.push(SweepRow { family, metric, number: *number, group, all });
                }
            }
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
        }
    }
    let Some((&first, y)) = shown.first().zip(axis_name(&shown, names)) else {
        let what = metrics.iter().map(|metric| plain_name(*metric, names)).collect::<Vec<_>>().join(" or ");
        return Err(PlotError::Empty { what });
    };
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    let positive = ticks.first().is_some_and(|least| *least > 0.0);
    let x = if positive { Axis::log(&sweep.label) } else { Axis::linear(&sweep.label) };
    let best = |metric: Metric, of: String| if is_best(metric) { format!("best {of}") } else { of };
    let y = best(first, y);
    let notes = line_notes(groups, &metrics, &shown, |metric| best(metric, plain_name(metric, names)));
    let title = title(figure, groups, || format!("{y} by {}", sweep.label).replace(" %", ""));
    let y = Axis::linear(y);
    let data = Table::new(title.clone(), columns(), rows).with_notes(notes.clone());
    let chart = Chart { title, x: x.ticks_at(ticks), y, series, notes };
    Ok(Plot { chart, data })
}

/// Returns whether it is the best over the epochs.
pub(in crate::report) fn is_best(metric: Metric) -> bool {
    metric.is_of_every_epoch()
}

/// A case's metric at its number.
struct SweepRow<'a> {
    family: &'a str,
    metric: Metric,
    number: f64,
    group: &'a Group<'a>,
    /// Over its seeds; `None` if one never reached the target that the metric asks for.
    all: Option<Summary>,
}

fn columns<'a>() -> Vec<SweepColumn<'a>> {
    let of = |value: fn(&Summary) -> f64| {
        move |row: &SweepRow| Cell::maybe(row.all.as_ref(), |all| cell(row.metric, value(all)))
    };
    vec![
        SweepColumn::label("series", "series", |row| Cell::text(row.family)),
        SweepColumn::label("metric", "metric", |row| Cell::text(row.metric.word())),
        SweepColumn::new("value", "value", |row| number_cell(row.number)),
        SweepColumn::detail("suite", |row| Cell::text(row.group.suite)),
        SweepColumn::detail("case", |row| Cell::text(&row.group.label)),
        SweepColumn::new("seeds", "seeds", |row| Cell::count(values(row.metric, row.group).len())),
        SweepColumn::new("q25", "25 %", of(|all| all.lower_quartile)),
        SweepColumn::new("median", "median", of(|all| all.median)),
        SweepColumn::new("q75", "75 %", of(|all| all.upper_quartile)),
        SweepColumn::detail("mean", of(|all| all.mean)),
    ]
}

/// Returns a number with the decimals that it needs.
pub(in crate::report) fn number_cell(number: f64) -> Cell {
    let decimals = number.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    Cell::Number(number, decimals)
}
