//! Accuracy on changed test images: as tables, and as curves.

use std::collections::BTreeMap;

use super::chart::{Axis, Chart, Mark, Series};
use super::group::{conditions, labelled};
use super::table::{Cell, Column, Table};
use crate::listing::Natural;
use crate::record::Robustness;
use crate::stats::Summary;
use crate::suite::Trial;
use crate::suite::transform::{Kind, Transform};

/// The trials of one case that differ in nothing but the seed.
struct Group<'a> {
    suite: &'a str,
    dataset: &'a str,
    /// The case's name, numbered where trials of other conditions bear it too.
    label: String,
    trials: Vec<&'a Robustness>,
    /// What must be said of it.
    note: Option<String>,
}

/// Accuracy and loss over seeds; no loss where one is not finite.
type Scores = (Summary, Option<Summary>);

/// Ordered by suite, dataset and case.
fn groups(all: &[Robustness]) -> Vec<Group<'_>> {
    let mut cases: BTreeMap<[Natural; 3], BTreeMap<String, Vec<&Robustness>>> = BTreeMap::new();
    for one in all {
        let Trial { suite, case, experiment, .. } = &one.trial;
        let alike =
            cases.entry([Natural(suite), Natural(&experiment.data.dataset), Natural(case)]).or_default();
        let trials = alike.entry(conditions(&one.trial, &one.fingerprint)).or_default();
        match trials.iter_mut().find(|other| other.trial.seed == one.trial.seed) {
            // One seed is one sample: the newest counts.
            Some(other) if other.began < one.began => *other = one,
            Some(_) => {}
            None => trials.push(one),
        }
    }
    let mut groups = Vec::new();
    for ([Natural(suite), Natural(dataset), Natural(case)], alike) in cases {
        for (label, note, trials) in labelled(case, alike) {
            groups.push(Group { suite, dataset, label, trials, note });
        }
    }
    groups
}

impl Group<'_> {
    /// Accuracy and loss over the seeds that have this transform; directions are pooled first.
    fn under(&self, transform: Transform) -> Option<Scores> {
        let scores = self.trials.iter().filter_map(|one| Some(one.under(transform)?.pooled()));
        let (accuracies, losses): (Vec<f64>, Vec<f64>) =
            scores.map(|score| (score.accuracy, score.loss)).unzip();
        Some((Summary::of(&accuracies)?, Summary::of(&losses)))
    }
}

/// The groups of one suite and dataset, and the strengths that any of them has under one kind of change.
struct Panel<'a> {
    suite: &'a str,
    dataset: &'a str,
    kind: Kind,
    strengths: Vec<f64>,
    groups: Vec<&'a Group<'a>>,
}

impl Panel<'_> {
    fn title(&self) -> String {
        format!("{} on {}, {} test images", self.suite, self.dataset, self.kind.participle())
    }

    /// Each strength with what was found of a group there.
    fn points<'p>(&'p self, group: &'p Group) -> impl Iterator<Item = (f64, Option<Scores>)> + 'p {
        let kind = self.kind;
        self.strengths.iter().map(move |&strength| (strength, group.under(Transform { kind, strength })))
    }

    fn notes(&self) -> Vec<String> {
        let directions = match self.kind {
            Kind::Scale => "how many times as large",
            Kind::Rotate => "by so many degrees, over both directions",
            Kind::Translate => "by so many pixels, over up, down, left and right",
        };
        let several = self.groups.iter().any(|group| group.trials.len() > 1);
        let spread = if several { ", mean over seeds ± sample standard deviation" } else { "" };
        let neutral = self.kind.neutral();
        let mut notes = vec![format!("accuracy in percent{spread}; {directions}; {neutral} is unchanged")];
        for group in &self.groups {
            notes.extend(group.note.clone());
            let all = group.trials.len();
            let is_short = |(strength, found): (f64, Option<Scores>)| {
                let seeds = found.map_or(0, |(accuracy, _)| accuracy.count);
                (seeds < all).then(|| format!("{seeds} of {all} seeds at {strength}"))
            };
            let short: Vec<String> = self.points(group).filter_map(is_short).collect();
            if !short.is_empty() {
                notes.push(format!("{}: {}", group.label, short.join(", ")));
            }
        }
        notes
    }
}

fn panels<'a>(groups: &'a [Group<'a>]) -> Vec<Panel<'a>> {
    let mut panels: Vec<Panel> = Vec::new();
    for alike in groups.chunk_by(|a, b| (a.suite, a.dataset) == (b.suite, b.dataset)) {
        let Some(Group { suite, dataset, .. }) = alike.first() else { continue };
        for kind in Kind::ALL {
            let scored = alike.iter().flat_map(|group| &group.trials).flat_map(|one| &one.transformed);
            let of_kind = scored.map(|scored| scored.transform).filter(|transform| transform.kind == kind);
            let mut strengths: Vec<f64> = of_kind.map(|transform| transform.strength).collect();
            strengths.sort_by(f64::total_cmp);
            strengths.dedup();
            if !strengths.is_empty() {
                let has =
                    |one: &&Robustness| one.transformed.iter().any(|scored| scored.transform.kind == kind);
                let groups = alike.iter().filter(|group| group.trials.iter().any(has)).collect();
                panels.push(Panel { suite, dataset, kind, strengths, groups });
            }
        }
    }
    panels
}

/// For people: a table for each suite and kind of change, with a row for each case and a column for each
/// strength.
pub fn robustness(all: &[Robustness]) -> Vec<Table> {
    let groups = groups(all);
    let table = |panel: &Panel| {
        let row = |group: &&Group| {
            let cells = panel.points(group).map(|(_, found)| {
                Cell::maybe(found, |(accuracy, _)| Cell::Spread(accuracy.mean, accuracy.deviation, 1))
            });
            let label = [Cell::Text(group.label.clone()), Cell::Count(group.trials.len() as u64)];
            label.into_iter().chain(cells).collect()
        };
        let strengths = panel.strengths.iter().map(|&strength| Column::of(strength));
        Table {
            title: panel.title(),
            columns: [Column::new("case", "case"), Column::new("seeds", "seeds")]
                .into_iter()
                .chain(strengths)
                .collect(),
            labels: 1,
            rows: panel.groups.iter().map(row).collect(),
            notes: panel.notes(),
        }
    };
    panels(&groups).iter().map(table).collect()
}

const ROWS: [Column; 11] = [
    Column::new("suite", "suite"),
    Column::new("dataset", "dataset"),
    Column::new("case", "case"),
    Column::new("transform", "transform"),
    Column::new("strength", "strength"),
    Column::new("seeds", "seeds"),
    Column::new("accuracy", "accuracy %"),
    Column::new("accuracy_sd", "± sd"),
    Column::new("accuracy_median", "median"),
    Column::new("loss", "loss"),
    Column::new("loss_sd", "± sd of loss"),
];

/// For programs: one table with a row for each case, kind of change and strength.
pub fn robustness_rows(all: &[Robustness]) -> Table {
    let groups = groups(all);
    let row = |panel: &Panel, group: &Group, strength, found: Option<Scores>| {
        let (accuracy, loss) = found.map_or((None, None), |(accuracy, loss)| (Some(accuracy), loss));
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
    let rows = |panel: &Panel| -> Vec<Vec<Cell>> {
        let of = |group: &&Group| -> Vec<Vec<Cell>> {
            panel.points(group).map(|(strength, found)| row(panel, group, strength, found)).collect()
        };
        panel.groups.iter().flat_map(of).collect()
    };
    Table {
        title: "accuracy on changed test images".to_owned(),
        columns: ROWS.to_vec(),
        labels: 5,
        rows: panels(&groups).iter().flat_map(rows).collect(),
        notes: Vec::new(),
    }
}

/// A chart for each suite and kind of change: accuracy against strength, a line for each case, with a
/// band of one standard deviation each way where there are several seeds.
/// Each has a name that tells it from the others: `rotate`, or `smoke-rotate` where there are several
/// suites.
pub fn robustness_charts(all: &[Robustness]) -> Vec<(String, Chart)> {
    let groups = groups(all);
    let several = |of: fn(&Group) -> String| groups.iter().any(|group| of(group) != of(&groups[0]));
    let suites = several(|group| group.suite.to_owned());
    let datasets = several(|group| group.dataset.to_owned());
    let chart = |panel: &Panel| {
        let series = |group: &&Group| {
            let found: Vec<(f64, Summary)> =
                panel.points(group).filter_map(|(strength, found)| Some((strength, found?.0))).collect();
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
            title: panel.title(),
            x: Axis::linear(panel.kind.quantity()).ticks_at(panel.strengths.clone()),
            y: Axis::linear("test accuracy in %").from(0.0, 100.0),
            series: panel.groups.iter().map(series).collect(),
            notes: panel.notes(),
        };
        let parts =
            [suites.then_some(panel.suite), datasets.then_some(panel.dataset), Some(panel.kind.name())];
        (parts.into_iter().flatten().collect::<Vec<_>>().join("-"), chart)
    };
    panels(&groups).iter().map(chart).collect()
}
