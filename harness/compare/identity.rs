//! What decides the bits of two trials, field by field.

use super::field::{Field, leaves};
use crate::recipe::{Environment, Trial, hashed};

/// Returns every field that [`identity`](crate::recipe::identity) hashes, of two trials. They are of one experiment
/// where none differs.
pub fn identity(a: &Trial, b: &Trial) -> Vec<Field> {
    let mut fields = Vec::new();
    let experiment = |trial: &Trial| serde_json::to_value(hashed(&trial.experiment, &trial.dataset));
    if let (Ok(a), Ok(b)) = (experiment(a), experiment(b)) {
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
    let here = &a.environment.of(&a.experiment);
    let there = &b.environment.of(&b.experiment);
    fields.push(Field::new("device", here.device.kind(), there.device.kind()));
    let threads = |environment: &Environment| environment.deciding_threads().map(|n| n.to_string());
    fields.push(Field { name: "threads".to_owned(), a: threads(here), b: threads(there) });
    let numerics = |environment: &Environment| format!("{:?}", environment.numerics).to_lowercase();
    fields.push(Field::new("numerics", numerics(here), numerics(there)));
    fields.push(Field::new("engine_revision", a.engine_revision, b.engine_revision));
    fields
}
