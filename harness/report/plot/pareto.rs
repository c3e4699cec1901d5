//! Accuracy against cost, and the cases that no other beats in both.

use super::shared::{Plot, Unplottable, accuracy, notes, title};
use crate::analysis::{Group, Weighed, named, pareto};
use crate::report::chart::{Chart, Mark, Series};
use crate::report::quantity::{axis, cell, drawn, name, plain_name, reservations};
use crate::report::table::{Cell, Heading, Table};
use crate::suite::presentation::{Figure, Quantity};

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, Unplottable> {
    let (against, metric) =
        (figure.against, figure.metrics.first().copied().unwrap_or_else(|| accuracy(groups)));
    let cases = pareto(groups, against, metric);
    if cases.is_empty() {
        let what = format!("{} and {}", plain_name(metric), plain_name(against));
        return Err(Unplottable::Empty { what });
    }
    let at = |case: &Weighed| [drawn(against, case.cost), drawn(metric, case.gain)];
    let part = |wanted: bool| -> Vec<[f64; 2]> {
        cases.iter().filter(|case| case.on_front == wanted).map(at).collect()
    };
    let front = part(true);
    let labels = cases.iter().map(|case| (at(case), named(case.group, groups))).collect();
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
    let rows = cases.iter().map(|case| row(case, against, metric)).collect();
    let chart =
        Chart { title: title.clone(), x: axis(against), y: axis(metric), series, notes: notes.clone() };
    let column =
        |quantity: Quantity| Heading { shown: Some(name(quantity).into()), key: quantity.word().into() };
    let columns = vec![
        Heading::new("suite", "suite"),
        Heading::new("case", "case"),
        Heading::new("seeds", "seeds"),
        column(against),
        column(metric),
        Heading::new("front", "beaten by none"),
    ];
    Ok(Plot { chart, data: Table { title, columns, labels: 2, rows, notes } })
}

fn row(case: &Weighed, against: Quantity, metric: Quantity) -> Vec<Cell> {
    vec![
        Cell::Text(case.group.suite.to_owned()),
        Cell::Text(case.group.label.clone()),
        Cell::Count(case.group.successes().count() as u64),
        cell(against, case.cost),
        cell(metric, case.gain),
        Cell::Text(if case.on_front { "yes" } else { "no" }.to_owned()),
    ]
}
