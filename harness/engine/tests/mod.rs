//! The engine held against PyTorch, finite differences and closed forms.

mod cells;
mod counts;
mod epochs;
mod forward;
mod gradients;
mod optimizers;
mod planned;
mod probe;
mod transforms;

use serde_json::{Value, json};

use crate::recipe::{Convention, Experiment, Layer};

/// Returns an experiment on images of side x side.
pub(super) fn experiment(convention: Convention, layers: Vec<Layer>, side: u32) -> Experiment {
    let mut experiment: Experiment = serde_json::from_value(json!({
        "data": {
            "dataset": "glyphs", "validation": null, "train_samples": null, "test_samples": null,
            "label_noise": 0.0, "augmentation": null, "resize": [side, side], "pixel_noise": null,
            "binarize": null, "normalize": null,
        },
        "convention": "torch",
        "layers": [],
        "training": {
            "epochs": 1, "batch": 1, "schedule": { "kind": "constant" }, "weight_decay": 0.0,
            "optimizer": { "kind": "sgd", "lr": 1.0, "momentum": 0.0, "nesterov": false },
            "early_stopping": null,
        },
    }))
    .unwrap();
    experiment.convention = convention;
    experiment.layers = layers;
    experiment
}

/// The networks of `tests/reference/forward.json`, with the values that PyTorch gave.
fn reference() -> Value {
    serde_json::from_str(include_str!("../../../tests/reference/forward.json")).unwrap()
}

fn layers(network: &Value) -> (Convention, Vec<Layer>) {
    let read = |key: &str| network[key].clone();
    (serde_json::from_value(read("convention")).unwrap(), serde_json::from_value(read("layers")).unwrap())
}
