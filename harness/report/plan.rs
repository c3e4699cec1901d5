//! What a run would do.

use super::table::{Cell, Heading, Table};
use crate::recipe::shape::{CLASSES, Shape, parameters, plan};
use crate::recipe::{Environment, Trial};

/// Returns a table of the trials that a run would train, `jobs` side by side.
pub fn planned(trials: &[Trial], environment: &Environment, jobs: usize) -> Table {
    let note = format!(
        "{} trials, {} side by side, on {} with {} thread{} each",
        trials.len(),
        jobs.min(trials.len()),
        environment.device,
        environment.threads,
        if environment.threads == 1 { "" } else { "s" }
    );
    let row = |trial: &Trial| {
        let experiment = &trial.experiment;
        let layers =
            plan(&experiment.layers, experiment.convention, Shape::of_input(&experiment.data), CLASSES);
        let short = trial.identity.get(..12).unwrap_or(&trial.identity);
        vec![
            Cell::Text(trial.suite.to_string()),
            Cell::Text(trial.case.to_string()),
            Cell::Count(trial.seed),
            Cell::maybe(layers.ok(), |rows| Cell::Count(parameters(&rows))),
            Cell::Count(experiment.training.epochs.into()),
            Cell::Text(short.to_owned()),
            Cell::Text(trial.identity.clone()),
        ]
    };
    Table {
        title: "plan".to_owned(),
        columns: vec![
            Heading::new("suite", "suite"),
            Heading::new("case", "case"),
            Heading::new("seed", "seed"),
            Heading::new("parameters", "parameters"),
            Heading::new("epochs", "epochs"),
            Heading::new("short_identity", "identity"),
            Heading::detail("identity"),
        ],
        rows: trials.iter().map(row).collect(),
        labels: 3,
        notes: vec![note],
    }
}
