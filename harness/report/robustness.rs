//! Accuracy on changed test images: as tables, and as curves.

use super::chart::{Axis, Chart, Mark, Series};
use super::table::{Cell, Heading, Table};
use crate::analysis::{
    RobustnessGroup, RobustnessPanel, TransformedScores, robustness_groups, robustness_panels,
};
use crate::recipe::transform::Kind;
use crate::record::Robustness;
use crate::stats::Summary;

fn title(panel: &RobustnessPanel) -> String {
    format!("{} on {}, {} test images", panel.suite, panel.dataset, panel.kind.participle())
}

fn notes(panel: &RobustnessPanel) -> Vec<String> {
    let directions = match panel.kind {
        Kind::Scale => "how many times as large",
        Kind::Rotate => "by so many degrees, over both directions",
        Kind::Translate => "by so many pixels, over up, down, left and right",
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

/// For people: a table for each suite and kind of change, with a row for each case and a column for each
/// strength.
pub fn robustness(all: &[Robustness]) -> Vec<Table> {
    let groups = robustness_groups(all);
    let table = |panel: &RobustnessPanel| {
        let row = |group: &&RobustnessGroup| {
            let cells = panel.points(group).map(|(_, found)| {
                Cell::maybe(found, |scores| Cell::Spread(scores.accuracy.mean, scores.accuracy.deviation, 1))
            });
            let label = [Cell::Text(group.label.clone()), Cell::Count(group.trials.len() as u64)];
            label.into_iter().chain(cells).collect()
        };
        let strengths = panel.strengths.iter().map(|&strength| Heading::of(strength));
        Table {
            title: title(panel),
            columns: [Heading::new("case", "case"), Heading::new("seeds", "seeds")]
                .into_iter()
                .chain(strengths)
                .collect(),
            labels: 1,
            rows: panel.groups.iter().map(row).collect(),
            notes: notes(panel),
        }
    };
    robustness_panels(&groups).iter().map(table).collect()
}

const ROWS: [Heading; 11] = [
    Heading::new("suite", "suite"),
    Heading::new("dataset", "dataset"),
    Heading::new("case", "case"),
    Heading::new("transform", "transform"),
    Heading::new("strength", "strength"),
    Heading::new("seeds", "seeds"),
    Heading::new("accuracy", "accuracy %"),
    Heading::new("accuracy_sd", "± sd"),
    Heading::new("accuracy_median", "median"),
    Heading::new("loss", "loss"),
    Heading::new("loss_sd", "± sd of loss"),
];

/// For programs: one table with a row for each case, kind of change and strength.
pub fn robustness_rows(all: &[Robustness]) -> Table {
    let groups = robustness_groups(all);
    let row =
        |panel: &RobustnessPanel, group: &RobustnessGroup, strength, found: Option<TransformedScores>| {
            let accuracy = found.map(|scores| scores.accuracy);
            let loss = found.and_then(|scores| scores.loss);
            let percent = |value: Option<f64>| Cell::maybe(value, |value| Cell::Percent(value, 2));
            let number = |value: Option<f64>| Cell::maybe(value, |value| Cell::Number(value, 4));
            vec![
                Cell::Text(panel.suite.to_owned()),
                Cell::Text(panel.dataset.to_owned()),
                Cell::Text(group.label.clone()),
                Cell::Text(panel.kind.name().to_owned()),
                Cell::Number(strength, 2),
                Cell::Count(accuracy.map_or(0, |accuracy| accuracy.count as u64)),
                percent(accuracy.map(|accuracy| accuracy.mean)),
                percent(accuracy.and_then(|accuracy| accuracy.deviation)),
                percent(accuracy.map(|accuracy| accuracy.median)),
                number(loss.map(|loss| loss.mean)),
                number(loss.and_then(|loss| loss.deviation)),
            ]
        };
    let rows = |panel: &RobustnessPanel| -> Vec<Vec<Cell>> {
        let of = |group: &&RobustnessGroup| -> Vec<Vec<Cell>> {
            panel.points(group).map(|(strength, found)| row(panel, group, strength, found)).collect()
        };
        panel.groups.iter().flat_map(of).collect()
    };
    Table {
        title: "accuracy on changed test images".to_owned(),
        columns: ROWS.to_vec(),
        labels: 5,
        rows: robustness_panels(&groups).iter().flat_map(rows).collect(),
        notes: Vec::new(),
    }
}

/// A chart for each suite and kind of change: accuracy against strength, a line for each case, with a
/// band of one standard deviation each way where there are several seeds.
/// Each has a name that tells it from the others: `rotate`, or `smoke-rotate` where there are several
/// suites.
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
                let (mean, deviation) = (accuracy.mean, accuracy.deviation?);
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
