//! Layers, shapes and parameters of networks.

use super::table::{Cell, Heading, Table};
use super::units::count;
use crate::recipe::shape::{self, LayerPlan, Shape};
use crate::suite::case::{Case, Suite};

/// Returns a table of the layers of a case's network, from their `rows`.
pub fn layers(suite: &Suite, case: &Case, rows: &[LayerPlan]) -> Table {
    let total = shape::parameters(rows);
    let row = |row: &LayerPlan| {
        vec![
            Cell::Text(suite.name.to_string()),
            Cell::Text(case.name.to_string()),
            Cell::Text(row.label.clone()),
            Cell::Text(row.output.to_string()),
            Cell::Count(row.parameters),
        ]
    };
    let input = Shape::of_input(&case.experiment.data);
    Table {
        labels: 1,
        title: format!("{}/{}: {input} in, {} parameters", suite.name, case.name, count(total)),
        columns: vec![
            Heading::detail("suite"),
            Heading::detail("case"),
            Heading::new("layer", "Layer"),
            Heading::new("output", "Output"),
            Heading::new("parameters", "Parameters"),
        ],
        rows: rows.iter().map(row).collect(),
        notes: Vec::new(),
    }
}

/// Returns a table of the networks of all cases of a suite.
pub fn networks(suite: &Suite, planned: &[Vec<LayerPlan>]) -> Table {
    let row = |(case, rows): (&Case, &Vec<LayerPlan>)| {
        vec![
            Cell::Text(suite.name.to_string()),
            Cell::Text(case.name.to_string()),
            Cell::Count(rows.len() as u64),
            Cell::Count(shape::parameters(rows)),
            Cell::maybe(case.parameters, Cell::Count),
        ]
    };
    Table {
        labels: 1,
        title: format!("{}: all cases", suite.name),
        columns: vec![
            Heading::detail("suite"),
            Heading::new("case", "Case"),
            Heading::new("layers", "Layers"),
            Heading::new("parameters", "Parameters"),
            Heading::new("stated", "Stated"),
        ],
        rows: suite.cases.iter().zip(planned).map(row).collect(),
        notes: vec!["Stated: the number that the suite gives, verified when it is read.".to_owned()],
    }
}
