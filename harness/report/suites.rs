//! Suites and their cases.

use super::table::{Cell, Heading, Table};
use crate::recipe::shape::{self, CLASSES, Shape};
use crate::suite::case::{Case, Suite};

/// Returns a table of the cases of a suite, which is given first as it stands and then under each of its
/// profiles. Returns `None` if `suites` is empty.
pub fn cases(suites: &[Suite]) -> Option<Table> {
    let (suite, profiles) = suites.split_first()?;
    let description =
        if suite.description.is_empty() { String::new() } else { format!(": {}", suite.description) };
    let trials = |suite: &Suite| suite.cases.iter().map(|case| case.seeds.len()).sum::<usize>();
    let mut notes = vec![format!("{} trials", trials(suite))];
    notes.extend(profiles.iter().map(|under| {
        let name = under.profile.as_deref().unwrap_or_default();
        format!("--profile {name}: {} trials, {}", trials(under), epochs(under))
    }));
    Some(Table {
        labels: 1,
        title: format!("{}{description}", suite.name),
        columns: vec![
            Heading::new("case", "Case"),
            Heading::new("dataset", "Dataset"),
            Heading::new("seeds", "Seeds"),
            Heading::new("epochs", "Epochs"),
            Heading::new("parameters", "Parameters"),
            Heading::new("claims", "Claims"),
            Heading::new("description", "Description"),
        ],
        rows: suite.cases.iter().map(row).collect(),
        notes,
    })
}

fn row(case: &Case) -> Vec<Cell> {
    let experiment = &case.experiment;
    let input = Shape::of_input(&experiment.data);
    let planned = shape::plan(&experiment.layers, experiment.convention, input, CLASSES);
    vec![
        Cell::Text(case.name.to_string()),
        Cell::Text(experiment.data.dataset.clone()),
        Cell::Text(case.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")),
        Cell::Count(experiment.training.epochs.into()),
        Cell::maybe(planned.ok(), |rows| Cell::Count(shape::parameters(&rows))),
        Cell::Count(case.claims.len() as u64),
        Cell::Text(case.description.clone()),
    ]
}

/// `1 epoch`, `1 to 3 epochs`.
fn epochs(suite: &Suite) -> String {
    let epochs = || suite.cases.iter().map(|case| case.experiment.training.epochs);
    match (epochs().min(), epochs().max()) {
        (Some(1), Some(1)) => "1 epoch".to_owned(),
        (Some(least), Some(most)) if least != most => format!("{least} to {most} epochs"),
        (_, most) => format!("{} epochs", most.unwrap_or(0)),
    }
}
