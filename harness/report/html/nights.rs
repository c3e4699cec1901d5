//! Night by night: accuracy and throughput of each case, and where their level changed.

use super::document::Document;
use super::drawn::{DrawnAxis, DrawnFigure, DrawnMark, DrawnSeries, DrawnView, flat};
use crate::analysis::{CaseHistory, NightlySeries};
use crate::record::Night;
use crate::report::history::{all_level_changes, nights_of_all, title};

/// So many nights of each case stand in the table; the chart shows all.
const LAST: usize = 30;

/// So many cases are shown until the reader chooses.
const SHOWN: usize = 6;

/// A section on the history of cases; none if there is no night.
pub(super) fn nights(page: &mut Document, histories: &[CaseHistory]) {
    if histories.is_empty() {
        return;
    }
    page.section("history", "Night by night");
    let changes: Vec<String> = histories.iter().flat_map(all_level_changes).collect();
    if changes.is_empty() {
        page.paragraph("No change of a level was found.");
    } else {
        page.list("changes", changes);
    }
    page.figure(&figure(histories));
    page.table(&nights_of_all(histories, LAST));
}

fn figure(histories: &[CaseHistory]) -> DrawnFigure {
    let accuracy = |night: &Night| Some(100.0 * night.accuracy?.mean);
    let speed = |night: &Night| Some(night.step?.samples_per_second);
    let views = vec![
        view("test accuracy", DrawnAxis::new("lin", "test accuracy %"), histories, |history| {
            marks(history, &history.accuracy, "points", accuracy)
        }),
        view("throughput", DrawnAxis::new("log", "samples/s"), histories, |history| {
            marks(history, &history.throughput, "%", speed)
        }),
    ];
    let names = histories.iter().map(title).collect();
    let mut figure = DrawnFigure::new("Night by night", names, views);
    figure.shown = SHOWN;
    figure.notes = vec![
        "a line joins nights of one identity and, for throughput, of one machine; a ring marks the first night of another \
         level, which is found in times that are calibrated where that can be"
            .to_owned(),
    ];
    figure
}

fn view(
    name: &str,
    y: DrawnAxis,
    histories: &[CaseHistory],
    marks: impl Fn(&CaseHistory) -> Vec<DrawnMark>,
) -> DrawnView {
    let series = histories.iter().enumerate().map(|(place, history)| DrawnSeries::new(place, marks(history)));
    let x = DrawnAxis::new("time", "night");
    DrawnView { name: name.to_owned(), x, y, shared: Vec::new(), series: series.collect() }
}

/// A line for each part of the nights that can be compared, every night as a point, and the changes of the level.
fn marks(
    history: &CaseHistory,
    series: &NightlySeries,
    unit: &str,
    value: impl Fn(&Night) -> Option<f64>,
) -> Vec<DrawnMark> {
    let at = |place: usize| {
        let night = history.nights[place];
        Some([night.began.as_millisecond() as f64, value(night)?])
    };
    // Each night goes on with the line of the one before it that it can be compared with.
    let mut lines: Vec<Vec<usize>> = Vec::new();
    for place in (0..history.nights.len()).filter(|place| at(*place).is_some()) {
        let before = series.previous(place);
        match lines.iter_mut().find(|line| line.last().copied() == before && before.is_some()) {
            Some(line) => line.push(place),
            None => lines.push(vec![place]),
        }
    }
    let mut marks: Vec<DrawnMark> = lines
        .iter()
        .map(|line| DrawnMark::new("line", flat(line.iter().filter_map(|place| at(*place)))))
        .collect();
    let places: Vec<usize> = lines.into_iter().flatten().collect();
    let runs = places.iter().map(|place| history.nights[*place].run.to_string()).collect();
    let points = DrawnMark::new("points", flat(places.iter().filter_map(|place| at(*place))));
    if !places.is_empty() {
        marks.push(points.labelled(runs));
    }
    for change in &series.level_changes {
        let said = format!("another level: {:+.2} {unit}", change.change * 100.0);
        marks.extend(at(change.night).map(|at| DrawnMark::new("change", flat([at])).labelled(vec![said])));
    }
    marks
}
