//! What decides the bits of two trials, field by field.

use super::field::{Field, leaves};
use crate::recipe::datasets::canonical_name;
use crate::recipe::{Environment, Experiment, Trial};

/// Returns every field that [`identity`](crate::recipe::identity) hashes, of two trials. They are of one experiment
/// where none differs.
pub fn identity(a: &Trial, b: &Trial) -> Vec<Field> {
    let mut fields = Vec::new();
    if let (Ok(a), Ok(b)) = (serde_json::to_value(hashed(a)), serde_json::to_value(hashed(b))) {
        fields = leaves("", &a, &b);
    }
    fields.push(Field::new("seed", a.seed, b.seed));
    for file in a.dataset.keys().chain(b.dataset.keys().filter(|file| !a.dataset.contains_key(*file))) {
        fields.push(Field {
            name: format!("dataset.{file}"),
            a: a.dataset.get(file).cloned(),
            b: b.dataset.get(file).cloned(),
        });
    }
    let here = &a.environment.canonical();
    let there = &b.environment.canonical();
    fields.push(Field::new("device", here.device.kind(), there.device.kind()));
    let threads = |environment: &Environment| environment.deciding_threads().map(|n| n.to_string());
    fields.push(Field { name: "threads".to_owned(), a: threads(here), b: threads(there) });
    let numerics = |environment: &Environment| format!("{:?}", environment.numerics).to_lowercase();
    fields.push(Field::new("numerics", numerics(here), numerics(there)));
    fields.push(Field::new("engine_revision", a.engine_revision, b.engine_revision));
    fields
}

/// Returns a trial's experiment as its identity holds it: with the canonical name of the dataset.
fn hashed(trial: &Trial) -> Experiment {
    let mut experiment = trial.experiment.clone();
    experiment.data.dataset = canonical_name(&experiment.data.dataset, &trial.dataset).to_owned();
    experiment
}
