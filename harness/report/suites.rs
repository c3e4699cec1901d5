//! Suites and their cases.

use super::metric::cell;
use super::table::{Cell, Column, Table};
use crate::metrics::Unit;
use crate::recipe::shape;
use crate::suite::case::{Case, Suite};
use crate::suite::gate::Gate;

type CaseColumn = Column<'static, Case>;

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
    if !suite.gates.is_empty() {
        let gates: Vec<String> = suite.gates.iter().map(gate).collect();
        notes.push(format!("gates: {}", gates.join(", ")));
    }
    Some(Table::new(format!("{}{description}", suite.name), columns(), &suite.cases).with_notes(notes))
}

fn columns() -> Vec<CaseColumn> {
    vec![
        CaseColumn::label("case", "Case", |case| Cell::text(&case.name)),
        CaseColumn::new("dataset", "Dataset", |case| Cell::text(&case.experiment.data.dataset)),
        CaseColumn::new("seeds", "Seeds", |case| {
            Cell::Text(case.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(" "))
        }),
        CaseColumn::new("epochs", "Epochs", |case| Cell::Count(case.experiment.training.epochs.into())),
        CaseColumn::new("parameters", "Parameters", |case| {
            let experiment = &case.experiment;
            let layers = shape::plan_of(experiment);
            Cell::maybe(layers.ok(), |layers| Cell::Count(shape::parameters(&layers)))
        }),
        CaseColumn::new("claims", "Claims", |case| Cell::count(case.claims.len())),
        CaseColumn::new("description", "Description", |case| Cell::text(&case.description)),
    ]
}

/// Returns a gate as people read it: `macro-f1 (margin 1.00 points)`.
fn gate(Gate { metric, margin }: &Gate) -> String {
    let unit = match metric.unit() {
        Unit::Fraction => " points",
        Unit::Epochs => " epochs",
        Unit::Loss | Unit::Parameters | Unit::Seconds | Unit::SamplesPerSecond => "",
    };
    format!("{metric} (margin {}{unit})", cell(*metric, *margin).for_people())
}

/// Returns how many epochs a suite's cases train: `1 epoch`, `1 to 3 epochs`.
fn epochs(suite: &Suite) -> String {
    let epochs = || suite.cases.iter().map(|case| case.experiment.training.epochs);
    match (epochs().min(), epochs().max()) {
        (Some(1), Some(1)) => "1 epoch".to_owned(),
        (Some(least), Some(most)) if least != most => format!("{least} to {most} epochs"),
        (_, most) => format!("{} epochs", most.unwrap_or(0)),
    }
}
