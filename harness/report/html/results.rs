//! What the cases of one suite and dataset reached.

use super::cases::{accuracies, training_speeds};
use super::curves::curves;
use super::document::Document;
use super::drawn::DrawnFigure;
use crate::analysis::{Group, Ranking, sweep};
use crate::metrics::Metric;
use crate::report::architectures::ranking_table;
use crate::report::plot::{Plot, PlotError, plot_groups};
use crate::suite::presentation::{Figure, FigureKind};

/// A section of tables and charts. It is told by its suite and dataset where there are `several`.
pub(super) fn results(page: &mut Document, ranking: &Ranking, several: bool) {
    let heading = if several {
        format!("Results: {} on {}", ranking.suite, ranking.dataset)
    } else {
        "Results".to_owned()
    };
    page.section("results", &heading);
    page.table(&ranking_table(ranking));
    let ranked: Vec<Group> = ranking.ranked().into_iter().map(|ranked| ranked.group.clone()).collect();
    page.figure(&accuracies(&ranked, ranking.measure));
    page.figure(&curves(&ranked));
    page.figure(&costs(&ranked));
    if let Some(figure) = along_a_number(&ranking.groups) {
        page.figure(&figure);
    }
    page.figure(&training_speeds(&ranked));
}

/// Accuracy against what it costs.
fn costs(groups: &[Group]) -> DrawnFigure {
    let against = |against: Metric| {
        let figure = Figure {
            title: "Accuracy against cost".to_owned(),
            kind: FigureKind::Pareto,
            cases: Vec::new(),
            metrics: Vec::new(),
            by: None,
            against,
        };
        plot_groups(&figure, groups)
    };
    let by = [("against parameters", Metric::PARAMETERS), ("against training time", Metric::TRAINING_TIME)];
    let plots: Vec<(&str, Plot)> =
        by.into_iter().filter_map(|(name, metric)| Some((name, against(metric).ok()?))).collect();
    let charts: Vec<_> = plots.iter().map(|(name, plot)| (*name, &plot.chart)).collect();
    DrawnFigure::of_several("Accuracy against cost", &charts)
}

/// So few cases along a number show no trend.
const FEWEST: usize = 3;

/// The cases whose names differ in their last number alone, in families of at least [`FEWEST`]. Returns `None` if there is
/// no family.
fn along_a_number(groups: &[Group]) -> Option<DrawnFigure> {
    let numbered: Vec<Group> =
        groups.iter().filter(|group| sweep(std::slice::from_ref(group), None).is_ok()).cloned().collect();
    let families = sweep(&numbered, None).ok()?.families;
    let members = families.iter().filter(|(_, members)| members.len() >= FEWEST);
    let members: Vec<Group> =
        members.flat_map(|(_, members)| members.iter().map(|(_, group)| (*group).clone())).collect();
    let sweep_of = |metrics: Vec<Metric>| -> Result<Plot, PlotError> {
        let figure = Figure {
            title: "Along the number in the cases' names".to_owned(),
            kind: FigureKind::Sweep,
            cases: Vec::new(),
            metrics,
            by: None,
            against: Metric::PARAMETERS,
        };
        plot_groups(&figure, &members)
    };
    let metrics = [
        ("test accuracy", vec![Metric::TEST_ACCURACY]),
        ("best validation and train accuracy", Vec::new()),
        ("training time", vec![Metric::TRAINING_TIME]),
    ];
    let plots: Vec<(&str, Plot)> =
        metrics.into_iter().filter_map(|(name, metrics)| Some((name, sweep_of(metrics).ok()?))).collect();
    let charts: Vec<_> = plots.iter().map(|(name, plot)| (*name, &plot.chart)).collect();
    (!charts.is_empty()).then(|| DrawnFigure::of_several("Along the number in the cases' names", &charts))
}
