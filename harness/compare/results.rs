//! The results of two records: where their trajectories part, and what came out at the end.

use super::field::Field;
use crate::record::TrialRecord;

/// The first epoch in which two trials of one identity were no longer the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstDifference {
    /// The number of the epoch, from 1.
    pub epoch: u32,
    /// The weights, buffers and optimizer states that differ after it: their names and digests.
    pub tensors: Vec<Field>,
    /// The losses and accuracies that differ, and the trajectory where that does.
    pub values: Vec<Field>,
}

/// Returns the first epoch in which two records differ, among the epochs that both have; `None` if they do not differ.
/// Wall times and the like are no results.
pub fn first_difference(a: &TrialRecord, b: &TrialRecord) -> Option<FirstDifference> {
    a.epochs.iter().zip(&b.epochs).find_map(|(a, b)| {
        let score = |score: Option<_>, part: fn(&_) -> f64| {
            score.as_ref().map_or_else(|| "none".to_owned(), |score| part(score).to_string())
        };
        let mut values = vec![
            Field::new("trajectory", &a.trajectory, &b.trajectory),
            Field::new("train.loss", a.train.loss, b.train.loss),
            Field::new("train.accuracy", a.train.accuracy, b.train.accuracy),
            Field::new(
                "validation.loss",
                score(a.validation, |score| score.loss),
                score(b.validation, |score| score.loss),
            ),
            Field::new(
                "validation.accuracy",
                score(a.validation, |score| score.accuracy),
                score(b.validation, |score| score.accuracy),
            ),
            Field::new("learning_rate", a.learning_rate, b.learning_rate),
            Field::new("samples", a.samples, b.samples),
        ];
        values.retain(Field::differs);
        let names = a.tensors.keys().chain(b.tensors.keys().filter(|name| !a.tensors.contains_key(*name)));
        let digests = |name: &String| Field {
            name: name.clone(),
            a: a.tensors.get(name).cloned(),
            b: b.tensors.get(name).cloned(),
        };
        let tensors: Vec<Field> = names.map(digests).filter(Field::differs).collect();
        let parted = !values.is_empty() || !tensors.is_empty();
        parted.then_some(FirstDifference { epoch: a.epoch, tensors, values })
    })
}

/// Returns the fields of how two trials ended: status, number of epochs, the tested weights and their score.
pub fn results(a: &TrialRecord, b: &TrialRecord) -> Vec<Field> {
    let field = |name: &str, of: &dyn Fn(&TrialRecord) -> Option<String>| Field {
        name: name.to_owned(),
        a: of(a),
        b: of(b),
    };
    let test = |record: &TrialRecord| record.finished.as_ref().and_then(|finished| finished.test);
    vec![
        field("status", &|record| Some(format!("{:?}", record.status).to_lowercase())),
        field("epochs", &|record| Some(record.epochs.len().to_string())),
        field("best_epoch", &|record| {
            record.finished.as_ref().and_then(|finished| finished.best_epoch).map(|epoch| epoch.to_string())
        }),
        field("weights", &|record| record.finished.as_ref().map(|finished| finished.weights.clone())),
        field("test.loss", &|record| test(record).map(|score| score.loss.to_string())),
        field("test.accuracy", &|record| test(record).map(|score| score.accuracy.to_string())),
    ]
}
