//! Layers, shapes and parameters of networks.

use super::table::{Cell, Column, Table};
use super::units::count;
use crate::recipe::shape::{self, LayerPlan};
use crate::suite::case::{Case, Suite};

type LayerColumn<'a> = Column<'a, LayerPlan>;
type NetworkColumn<'a> = Column<'a, (&'a Case, &'a Vec<LayerPlan>)>;

/// Returns a table of the layers of a case's network, from their `rows`.
pub fn layers(suite: &Suite, case: &Case, rows: &[LayerPlan]) -> Table {
    let columns = vec![
        LayerColumn::detail("suite", |_| Cell::text(&suite.name)),
        LayerColumn::detail("case", |_| Cell::text(&case.name)),
        LayerColumn::label("layer", "Layer", |layer| Cell::text(&layer.label)),
        LayerColumn::new("output", "Output", |layer| Cell::text(layer.output)),
        LayerColumn::new("parameters", "Parameters", |layer| Cell::Count(layer.parameters)),
    ];
    let input = case.experiment.data.input();
    let total = count(shape::parameters(rows));
    let title = format!("{}/{}: {input} in, {total} parameters", suite.name, case.name);
    Table::new(title, columns, rows)
}

/// Returns a table of the networks of all cases of a suite.
pub fn networks(suite: &Suite, planned: &[Vec<LayerPlan>]) -> Table {
    let columns = vec![
        NetworkColumn::detail("suite", |_| Cell::text(&suite.name)),
        NetworkColumn::label("case", "Case", |(case, _)| Cell::text(&case.name)),
        NetworkColumn::new("layers", "Layers", |(_, layers)| Cell::count(layers.len())),
        NetworkColumn::new("parameters", "Parameters", |(_, layers)| Cell::Count(shape::parameters(layers))),
        NetworkColumn::new("stated", "Stated", |(case, _)| Cell::maybe(case.parameters, Cell::Count)),
    ];
    Table::new(format!("{}: all cases", suite.name), columns, suite.cases.iter().zip(planned))
        .with_notes(["Stated: the number that the suite gives, verified when it is read."])
}
