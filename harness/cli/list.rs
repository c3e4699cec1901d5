//! `tchbench list`: suites, their cases and profiles.

use std::path::PathBuf;

use serde_json::json;

use crate::app::exit::{Exit, Failure};
use crate::escape;
use crate::recipe::shape::{self, CLASSES, Shape};
use crate::report::{Cell, Column, Format, Table, render, terminal_width};
use crate::suite::case::{Case, Suite};
use crate::suite::load_all;
use crate::terminal::print;

/// List suites with their cases, seeds and profiles
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Suite files, or folders of them
    #[arg(value_name = "SUITE", default_value = "suites")]
    suites: Vec<PathBuf>,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    /// Aligned, for a terminal
    Text,
    /// With each suite resolved in full, as it stands and under each of its profiles
    Json,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let mut all = Vec::new();
    for path in &args.suites {
        all.extend(load_all(path)?);
    }
    let text = match args.format {
        Form::Text => {
            let tables: Vec<Table> = all.iter().filter_map(|suites| table(suites)).collect();
            render(&tables, Format::Text, terminal_width())
        }
        Form::Json => escape::json::text(&format!("{:#}\n", json!(all.concat()))),
    };
    print(&text);
    Ok(Exit::Success)
}

/// A suite, first as it stands and then under its profiles.
fn table(suites: &[Suite]) -> Option<Table> {
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
            Column::new("case", "Case"),
            Column::new("dataset", "Dataset"),
            Column::new("seeds", "Seeds"),
            Column::new("epochs", "Epochs"),
            Column::new("parameters", "Parameters"),
            Column::new("claims", "Claims"),
            Column::new("description", "Description"),
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
