//! Learning curves: epoch by epoch, over seeds the median and the middle half.

use std::collections::BTreeMap;

use super::shared::{Plot, PlotError, TRAIN, VALIDATION, line_notes, title};
use crate::analysis::{Group, named};
use crate::metrics::Metric;
use crate::report::chart::{Axis, Chart, Mark, Series};
use crate::report::group::class_names;
use crate::report::metric::{axis_name, cell, drawn, plain_name};
use crate::report::table::{Cell, Column, Table};
use crate::stats::Summary;
use crate::suite::presentation::Figure;

type CurveColumn<'a> = Column<'static, CurveRow<'a>>;

/// So few epochs have a tick each.
const EVERY: usize = 12;

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, PlotError> {
    let names = class_names(groups);
    let metrics = match figure.metrics.as_slice() {
        [] => [VALIDATION, TRAIN].to_vec(),
        metrics => metrics.to_vec(),
    };
    let mut series = Vec::new();
    let mut rows = Vec::new();
    let mut shown: Vec<Metric> = Vec::new();
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
            rows.extend(known.map(|(epoch, all)| CurveRow { group, metric, epoch: *epoch, all: *all }));
            if !shown.contains(&metric) {
                shown.push(metric);
            }
        }
    }
    let Some(y) = axis_name(&shown, names) else {
        let what = metrics.iter().map(|metric| plain_name(*metric, names)).collect::<Vec<_>>().join(" or ");
        return Err(PlotError::Empty { what });
    };
    let mut notes = line_notes(groups, &metrics, &shown, |metric| plain_name(metric, names));
    notes.extend(groups.iter().filter_map(ended_earlier));
    let title = title(figure, groups, || "learning curves".to_owned());
    let last = groups.iter().flat_map(Group::successes).map(|record| record.epochs.len()).max().unwrap_or(0);
    let mut x = Axis::linear("epoch");
    if last <= EVERY {
        x = x.ticks_at((1..=last).map(|epoch| epoch as f64).collect());
    }
    let data = Table::new(title.clone(), columns(), rows).with_notes(notes.clone());
    let chart = Chart { title, x, y: Axis::linear(y), series, notes };
    Ok(Plot { chart, data })
}

/// Each epoch's summary over the seeds that reached it; `None` where one of them is not finite. Empty where
/// no epoch has the metric.
pub(in crate::report) fn epochs(metric: Metric, group: &Group) -> Vec<(f64, Option<Summary>)> {
    let mut values: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for epoch in group.successes().flat_map(|record| &record.epochs) {
        if let Some(value) = metric.of_epoch(epoch) {
            values.entry(epoch.epoch).or_default().push(value);
        }
    }
    values.into_iter().map(|(epoch, values)| (f64::from(epoch), Summary::of(&values))).collect()
}

/// Of a group whose seeds trained for different numbers of epochs.
fn ended_earlier(group: &Group) -> Option<String> {
    let lengths = || group.successes().map(|record| record.epochs.len());
    let least = lengths().min()?;
    let most = lengths().max()?;
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

/// A case's metric in one epoch.
struct CurveRow<'a> {
    group: &'a Group<'a>,
    metric: Metric,
    epoch: f64,
    all: Summary,
}

fn columns<'a>() -> Vec<CurveColumn<'a>> {
    let of = |value: fn(&Summary) -> f64| move |row: &CurveRow| cell(row.metric, value(&row.all));
    vec![
        CurveColumn::label("suite", "suite", |row| Cell::text(row.group.suite)),
        CurveColumn::label("case", "case", |row| Cell::text(&row.group.label)),
        CurveColumn::label("metric", "metric", |row| Cell::text(row.metric.word())),
        CurveColumn::new("epoch", "epoch", |row| Cell::Count(row.epoch as u64)),
        CurveColumn::new("seeds", "seeds", |row| Cell::count(row.all.count)),
        CurveColumn::new("q25", "25 %", of(|all| all.lower_quartile)),
        CurveColumn::new("median", "median", of(|all| all.median)),
        CurveColumn::new("q75", "75 %", of(|all| all.upper_quartile)),
        CurveColumn::detail("mean", of(|all| all.mean)),
    ]
}
