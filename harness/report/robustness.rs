//! Accuracy on changed test images: as tables, and as curves.

use super::chart::{Axis, Chart, Mark, Series};
use super::table::{Cell, Column, Table};
use crate::analysis::{
    RobustnessGroup, RobustnessPanel, TransformedScores, robustness_groups, robustness_panels,
};
use crate::recipe::transform::{Transform, TransformKind};
use crate::record::Robustness;
use crate::stats::Summary;

type RobustnessGroupColumn<'a> = Column<'a, &'a RobustnessGroup<'a>>;
type RobustnessColumn<'a> = Column<'static, RobustnessRow<'a>>;

fn title(panel: &RobustnessPanel) -> String {
    format!("{} on {}, {} test images", panel.suite, panel.dataset, panel.kind.participle())
}

fn notes(panel: &RobustnessPanel) -> Vec<String> {
    let directions = match panel.kind {
        TransformKind::Scale => "how many times as large",
        TransformKind::Rotate => "by so many degrees, over both directions",
        TransformKind::Translate => "by so many pixels, over up, down, left and right",
    };
    let several = panel.groups.iter().any(|group| group.trials.len() > 1);
    let spread = if several { ", mean over seeds ± sample standard deviation" } else { "" };
    let neutral = panel.kind.neutral();
    let mut notes = vec![format!("accuracy in percent{spread}; {directions}; {neutral} is unchanged")];
    for group in &panel.groups {
        notes.extend(group.note.clone());
        let all = group.trials.len();
        let is_short = |(strength, found): (f64, Option<TransformedScores>)| {
            let seeds = found.map_or(0, |scores| scores.accuracy.count);
            (seeds < all).then(|| format!("{seeds} of {all} seeds at {strength}"))
        };
        let short: Vec<String> = panel.points(group).filter_map(is_short).collect();
        if !short.is_empty() {
            notes.push(format!("{}: {}", group.label, short.join(", ")));
        }
    }
    notes
}

/// Returns tables for people: one for each suite and kind of change, with a row for each case and a column for each
/// strength.
pub fn robustness(all: &[Robustness]) -> Vec<Table> {
    let groups = robustness_groups(all);
    let table = |panel: &RobustnessPanel| {
        let mut columns = vec![
            RobustnessGroupColumn::label("case", "case", |group| Cell::text(&group.label)),
            RobustnessGroupColumn::new("seeds", "seeds", |group| Cell::count(group.trials.len())),
        ];
        columns.extend(panel.strengths.iter().map(|&strength| {
            let transform = Transform { kind: panel.kind, strength };
            RobustnessGroupColumn::called(strength.to_string(), move |group| {
                let spread = |accuracy: Summary| Cell::Spread(accuracy.mean, accuracy.deviation, 1);
                Cell::maybe(group.under(transform), |scores| spread(scores.accuracy))
            })
        }));
        Table::new(title(panel), columns, &panel.groups).with_notes(notes(panel))
    };
    robustness_panels(&groups).iter().map(table).collect()
}

/// Returns one table for programs, with a row for each case, kind of change and strength.
pub fn robustness_rows(all: &[Robustness]) -> Table {
    let groups = robustness_groups(all);
    let panels = robustness_panels(&groups);
    let mut rows = Vec::new();
    for panel in &panels {
        for group in &panel.groups {
            let points = panel.points(group);
            rows.extend(points.map(|(strength, scores)| RobustnessRow { panel, group, strength, scores }));
        }
    }
    Table::new("accuracy on changed test images", columns(), rows)
}

/// A case at one strength of a change.
struct RobustnessRow<'a> {
    panel: &'a RobustnessPanel<'a>,
    group: &'a RobustnessGroup<'a>,
    strength: f64,
    scores: Option<TransformedScores>,
}

impl RobustnessRow<'_> {
    fn accuracy(&self) -> Option<Summary> {
        Some(self.scores?.accuracy)
    }

    fn loss(&self) -> Option<Summary> {
        self.scores?.loss
    }
}

fn columns<'a>() -> Vec<RobustnessColumn<'a>> {
    vec![
        RobustnessColumn::label("suite", "suite", |row| Cell::text(row.panel.suite)),
        RobustnessColumn::label("dataset", "dataset", |row| Cell::text(row.panel.dataset)),
        RobustnessColumn::label("case", "case", |row| Cell::text(&row.group.label)),
        RobustnessColumn::label("transform", "transform", |row| Cell::text(row.panel.kind.name())),
        RobustnessColumn::label("strength", "strength", |row| Cell::Number(row.strength, 2)),
        RobustnessColumn::new("seeds", "seeds", |row| Cell::count(row.accuracy().map_or(0, |all| all.count))),
        RobustnessColumn::new("accuracy", "accuracy %", |row| {
            Cell::percent(row.accuracy().map(|all| all.mean), 2)
        }),
        RobustnessColumn::new("accuracy_sd", "± sd", |row| {
            Cell::percent(row.accuracy().and_then(|all| all.deviation), 2)
        }),
        RobustnessColumn::new("accuracy_median", "median", |row| {
            Cell::percent(row.accuracy().map(|all| all.median), 2)
        }),
        RobustnessColumn::new("loss", "loss", |row| Cell::number(row.loss().map(|all| all.mean), 4)),
        RobustnessColumn::new("loss_sd", "± sd of loss", |row| {
            Cell::number(row.loss().and_then(|all| all.deviation), 4)
        }),
    ]
}

/// Returns a chart for each suite and kind of change: accuracy against strength, a line for each case, with a band of
/// one standard deviation each way where there are several seeds. Each has a name that tells it from the others:
/// `rotate`, or `smoke-rotate` where there are several suites.
pub fn robustness_charts(all: &[Robustness]) -> Vec<(String, Chart)> {
    let groups = robustness_groups(all);
    let several = |of: fn(&RobustnessGroup) -> String| groups.iter().any(|group| of(group) != of(&groups[0]));
    let suites = several(|group| group.suite.to_owned());
    let datasets = several(|group| group.dataset.to_owned());
    let chart = |panel: &RobustnessPanel| {
        let series = |group: &&RobustnessGroup| {
            let found: Vec<(f64, Summary)> = panel
                .points(group)
                .filter_map(|(strength, found)| Some((strength, found?.accuracy)))
                .collect();
            let line: Vec<[f64; 2]> =
                found.iter().map(|(strength, accuracy)| [*strength, 100.0 * accuracy.mean]).collect();
            let band = found.iter().filter_map(|(strength, accuracy)| {
                let mean = accuracy.mean;
                let deviation = accuracy.deviation?;
                Some([*strength, 100.0 * (mean - deviation), 100.0 * (mean + deviation)])
            });
            let band: Vec<[f64; 3]> = band.collect();
            let mut series = Series::new(group.label.clone());
            if !band.is_empty() {
                series = series.with(Mark::Band(band));
            }
            series.with(Mark::Line(line.clone())).with(Mark::Points(line))
        };
        let chart = Chart {
            title: title(panel),
            x: Axis::linear(panel.kind.quantity()).ticks_at(panel.strengths.clone()),
            y: Axis::linear("test accuracy in %").from(0.0, 100.0),
            series: panel.groups.iter().map(series).collect(),
            notes: notes(panel),
        };
        let parts =
            [suites.then_some(panel.suite), datasets.then_some(panel.dataset), Some(panel.kind.name())];
        (parts.into_iter().flatten().collect::<Vec<_>>().join("-"), chart)
    };
    robustness_panels(&groups).iter().map(chart).collect()
}
