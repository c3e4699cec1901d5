//! Learning curves of all cases, seed by seed and pooled.

use super::drawn::{DrawnAxis, DrawnFigure, DrawnMark, DrawnSeries, DrawnView, Short, flat};
use crate::analysis::{Group, named};
use crate::metrics::Metric;
use crate::record::TrialRecord;
use crate::report::group::class_names;
use crate::report::metric::{axis_name, drawn, plain_name};
use crate::report::plot::epochs;
use crate::stats::Summary;

const METRICS: [Metric; 4] =
    [Metric::VALIDATION_ACCURACY, Metric::TRAIN_ACCURACY, Metric::VALIDATION_LOSS, Metric::TRAIN_LOSS];

/// At most about so many values are drawn of all trials; of longer ones every n-th epoch is.
const MOST: usize = 200_000;

/// So many cases are shown until the reader chooses.
const SHOWN: usize = 6;

/// Returns the learning curves of these groups, the first of which are shown at first.
pub(super) fn curves(groups: &[Group]) -> DrawnFigure {
    let names = class_names(groups);
    let lengths = || groups.iter().flat_map(Group::successes).map(|record| record.epochs.len());
    let stride = (lengths().sum::<usize>() * METRICS.len()).div_ceil(MOST).max(1);
    let last = lengths().max().unwrap_or(0);
    let grid: Vec<usize> = (1..=last).step_by(stride).collect();
    let view = |metric: Metric| DrawnView {
        name: plain_name(metric, names),
        x: DrawnAxis::new("whole", "epoch"),
        y: DrawnAxis::new("lin", axis_name(&[metric], names).unwrap_or_default()),
        shared: flat(grid.iter().map(|epoch| [*epoch as f64])),
        series: groups
            .iter()
            .enumerate()
            .map(|(place, group)| DrawnSeries::new(place, marks(metric, group, &grid)))
            .collect(),
    };
    let views = METRICS.into_iter().map(view).collect();
    let labels = groups.iter().map(|group| named(group, groups)).collect();
    let mut figure = DrawnFigure::new("Learning curves", labels, views);
    figure.shown = SHOWN;
    if groups.iter().any(|group| group.successes().count() > 1) {
        let spread = "lines at the median over seeds, bands from the 25th to the 75th percentile";
        figure.notes.push(spread.to_owned());
    }
    if stride > 1 {
        figure.notes.push(format!("every {stride}th epoch is drawn"));
    }
    figure
}

/// The median with its band, and each seed where there are several; nothing where no epoch has the metric.
fn marks(metric: Metric, group: &Group, grid: &[usize]) -> Vec<DrawnMark> {
    let pooled = epochs(metric, group);
    if pooled.is_empty() {
        return Vec::new();
    }
    let at = |epoch: &usize| pooled.iter().find(|(at, _)| *at == *epoch as f64).and_then(|(_, all)| *all);
    let summaries: Vec<Option<Summary>> =
        grid.iter().take_while(|epoch| **epoch <= pooled.len()).map(at).collect();
    let value =
        |all: &Option<Summary>, part: fn(&Summary) -> f64| drawn(metric, all.as_ref().map_or(f64::NAN, part));
    let shared = |kind, data| DrawnMark { is_shared: true, ..DrawnMark::new(kind, data) };
    let middle = summaries.iter().map(|all| [value(all, |all| all.median)]);
    let mut marks = vec![shared("line", flat(middle))];
    if summaries.iter().flatten().any(|all| all.count > 1) {
        let band = summaries
            .iter()
            .map(|all| [value(all, |all| all.lower_quartile), value(all, |all| all.upper_quartile)]);
        marks.insert(0, shared("band", flat(band)));
        marks.extend(group.successes().map(|record| {
            let seed = vec![format!("seed {}", record.trial.seed)];
            shared("seed", of_seed(metric, record, grid)).labelled(seed)
        }));
    }
    marks
}

fn of_seed(metric: Metric, record: &TrialRecord, grid: &[usize]) -> Vec<Short> {
    let of = |epoch: &usize| {
        let epoch = record.epochs.get(epoch - 1)?;
        Some(Short(drawn(metric, metric.of_epoch(epoch).unwrap_or(f64::NAN))))
    };
    grid.iter().map_while(of).collect()
}
