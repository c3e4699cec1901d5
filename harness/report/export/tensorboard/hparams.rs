//! What TensorBoard's tab of hyperparameters reads
//! (tensorboard/plugins/hparams/plugin_data.proto and api.proto).

use std::collections::BTreeMap;

use serde_json::Value;

use super::protobuf::ProtobufMessage;
use super::scalars::{SCALARS, result_tag, results};
use crate::compare::leaves_of;
use crate::record::TrialRecord;

/// The tag of [`experiment`].
pub(super) const EXPERIMENT: &str = "_hparams_/experiment";
/// The tag of [`session_start`].
pub(super) const SESSION_START: &str = "_hparams_/session_start_info";
/// The tag of [`session_end`].
pub(super) const SESSION_END: &str = "_hparams_/session_end_info";

const TEXT: u64 = 1;
const TRUTH: u64 = 2;
const NUMBER: u64 = 3;
const SUCCESS: u64 = 1;
const FAILURE: u64 = 2;

/// A value of a trial's experiment, as the plugin knows it.
enum Hyperparameter {
    Text(String),
    Truth(bool),
    Number(f64),
}

impl Hyperparameter {
    fn of(text: String) -> Self {
        match (text.parse::<f64>(), text.parse::<bool>()) {
            (Ok(number), _) if number.is_finite() => Hyperparameter::Number(number),
            (_, Ok(truth)) => Hyperparameter::Truth(truth),
            _ => Hyperparameter::Text(text),
        }
    }

    fn kind(&self) -> u64 {
        match self {
            Hyperparameter::Text(_) => TEXT,
            Hyperparameter::Truth(_) => TRUTH,
            Hyperparameter::Number(_) => NUMBER,
        }
    }

    /// Returns it as a `google.protobuf.Value`.
    fn message(&self) -> ProtobufMessage {
        match self {
            Hyperparameter::Text(text) => ProtobufMessage::new().text(3, text),
            Hyperparameter::Truth(truth) => ProtobufMessage::new().integer(4, u64::from(*truth)),
            Hyperparameter::Number(number) => ProtobufMessage::new().double(2, *number),
        }
    }
}

/// Returns all that decides the bits of a trial but its seed, by name.
fn hyperparameters(record: &TrialRecord) -> Vec<(String, Hyperparameter)> {
    // What was read from a record can be written again.
    let experiment = serde_json::to_value(&record.trial.experiment).unwrap_or(Value::Null);
    leaves_of(&experiment).into_iter().map(|(name, text)| (name, Hyperparameter::of(text))).collect()
}

/// Returns the message that names all hyperparameters and metrics.
pub(super) fn experiment(records: &[&TrialRecord], created: f64) -> ProtobufMessage {
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for (name, value) in records.iter().flat_map(|record| hyperparameters(record)) {
        // Of two kinds, both can be told as text.
        let kind = kinds.entry(name).or_insert(value.kind());
        if *kind != value.kind() {
            *kind = TEXT;
        }
    }
    let mut experiment = ProtobufMessage::new().text(1, "tchbench").double(3, created);
    for (name, kind) in &kinds {
        experiment = experiment.message(4, &ProtobufMessage::new().text(1, name).integer(4, *kind));
    }
    let tags = results().map(result_tag).chain(SCALARS.iter().map(|scalar| scalar.tag.to_owned()));
    for tag in tags {
        let name = ProtobufMessage::new().text(2, &tag);
        experiment = experiment.message(5, &ProtobufMessage::new().message(1, &name));
    }
    data(2, &experiment)
}

/// Returns the message that begins a trial's session in the group of its case.
pub(super) fn session_start(record: &TrialRecord, group: &str, began: f64) -> ProtobufMessage {
    let mut session = ProtobufMessage::new();
    for (name, value) in hyperparameters(record) {
        let entry = ProtobufMessage::new().text(1, &name).message(2, &value.message());
        session = session.message(1, &entry);
    }
    data(3, &session.text(4, group).double(5, began))
}

/// Returns the message that ends a trial's session.
pub(super) fn session_end(record: &TrialRecord, ended: f64) -> ProtobufMessage {
    let status = if record.status.is_success() { SUCCESS } else { FAILURE };
    data(4, &ProtobufMessage::new().integer(1, status).double(2, ended))
}

/// Returns the message `HParamsPluginData` with one of its parts, version 0.
fn data(part: u64, content: &ProtobufMessage) -> ProtobufMessage {
    ProtobufMessage::new().message(part, content)
}
