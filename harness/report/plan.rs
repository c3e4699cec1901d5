//! What a run would do.

use super::table::{Cell, Column, Table};
use crate::recipe::shape::{parameters, plan_of};
use crate::recipe::{Environment, Trial};

type TrialColumn = Column<'static, Trial>;

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
    let columns = vec![
        TrialColumn::label("suite", "suite", |trial| Cell::text(&trial.suite)),
        TrialColumn::label("case", "case", |trial| Cell::text(&trial.case)),
        TrialColumn::label("seed", "seed", |trial| Cell::Count(trial.seed)),
        TrialColumn::new("parameters", "parameters", |trial| {
            let experiment = &trial.experiment;
            let layers = plan_of(experiment);
            Cell::maybe(layers.ok(), |layers| Cell::Count(parameters(&layers)))
        }),
        TrialColumn::new("epochs", "epochs", |trial| Cell::Count(trial.experiment.training.epochs.into())),
        TrialColumn::new("short_identity", "identity", |trial| {
            Cell::text(trial.identity.get(..12).unwrap_or(&trial.identity))
        }),
        TrialColumn::detail("identity", |trial| Cell::text(&trial.identity)),
    ];
    Table::new("plan", columns, trials).with_notes([note])
}
