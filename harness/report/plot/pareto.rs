//! Accuracy against cost, and the cases that no other beats in both.

use super::{Plot, Unplottable, accuracy, named, notes, summary, title};
use crate::report::chart::{Chart, Mark, Series};
use crate::report::group::Group;
use crate::report::quantity::{axis, cell, drawn, name, plain_name, reservations};
use crate::report::table::{Cell, Column, Table};
use crate::suite::presentation::{Figure, Quantity};

/// A case: its cost and its gain, as medians over seeds.
struct Place<'a> {
    group: &'a Group<'a>,
    cost: f64,
    gain: f64,
}

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, Unplottable> {
    let (against, metric) =
        (figure.against, figure.metrics.first().copied().unwrap_or_else(|| accuracy(groups)));
    let place = |group| {
        let median = |quantity| summary(quantity, group).map(|all| all.median);
        Some(Place { group, cost: median(against)?, gain: median(metric)? })
    };
    let mut places: Vec<Place> = groups.iter().filter_map(place).collect();
    if places.is_empty() {
        let what = format!("{} and {}", plain_name(metric), plain_name(against));
        return Err(Unplottable::Empty { what });
    }
    places.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(b.gain.total_cmp(&a.gain)));
    let undominated: Vec<bool> =
        places.iter().map(|one| !places.iter().any(|other| beats(other, one, against, metric))).collect();
    let at = |place: &Place| [drawn(against, place.cost), drawn(metric, place.gain)];
    let part = |wanted: bool| -> Vec<[f64; 2]> {
        let both = places.iter().zip(&undominated).filter(|(_, front)| **front == wanted);
        both.map(|(place, _)| at(place)).collect()
    };
    let front = part(true);
    let labels = places.iter().map(|place| (at(place), named(place.group, groups))).collect();
    let series = vec![
        Series::new("beaten by none in both")
            .look(1, 0)
            .with(Mark::Line(front.clone()))
            .with(Mark::Points(front)),
        Series::new("beaten by another")
            .look(0, 1)
            .with(Mark::Points(part(false)))
            .with(Mark::Labels(labels)),
    ];
    let mut notes = notes(groups, "points at the medians");
    notes.extend(reservations(&[metric, against], groups));
    let title = title(figure, groups, || format!("{} against {}", plain_name(metric), plain_name(against)));
    let rows = places.iter().zip(&undominated);
    let rows = rows.map(|(place, front)| row(place, *front, against, metric)).collect();
    let chart =
        Chart { title: title.clone(), x: axis(against), y: axis(metric), series, notes: notes.clone() };
    let column =
        |quantity: Quantity| Column { heading: Some(name(quantity).into()), key: quantity.word().into() };
    let columns = vec![
        Column::new("suite", "suite"),
        Column::new("case", "case"),
        Column::new("seeds", "seeds"),
        column(against),
        column(metric),
        Column::new("front", "beaten by none"),
    ];
    Ok(Plot { chart, data: Table { title, columns, labels: 2, rows, notes } })
}

/// Whether `a` is at least as good as `b` in both and better in one.
fn beats(a: &Place, b: &Place, against: Quantity, metric: Quantity) -> bool {
    let better = |quantity: Quantity, a: f64, b: f64| if more_is_better(quantity) { a - b } else { b - a };
    let (cost, gain) = (better(against, a.cost, b.cost), better(metric, a.gain, b.gain));
    cost >= 0.0 && gain >= 0.0 && (cost > 0.0 || gain > 0.0)
}

fn more_is_better(quantity: Quantity) -> bool {
    match quantity {
        Quantity::Metric(metric) => metric.is_accuracy(),
        Quantity::Throughput => true,
        _ => false,
    }
}

fn row(place: &Place, front: bool, against: Quantity, metric: Quantity) -> Vec<Cell> {
    vec![
        Cell::Text(place.group.suite.to_owned()),
        Cell::Text(place.group.label.clone()),
        Cell::Count(place.group.successes().count() as u64),
        cell(against, place.cost),
        cell(metric, place.gain),
        Cell::Text(if front { "yes" } else { "no" }.to_owned()),
    ]
}
