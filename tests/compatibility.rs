//! The rules of docs/compatibility.md.

#![allow(clippy::unwrap_used)]

use serde_json::Value;
use tchbench::event::Engine;
use tchbench::recipe::{Experiment, Layer, Numerics, identity};

#[path = "support/records.rs"]
mod records;

/// An engine that tells the digest of every kernel of `experiment`, and of another one.
fn engine(experiment: &Experiment) -> Engine {
    let mut engine = records::fingerprint().engine;
    let names = experiment.kernels(engine.numerics).into_iter();
    let digests = names.map(|name| (name.clone(), format!("digest of {name}")));
    engine.kernels = digests.chain([("of-another-layer".to_owned(), "aa".to_owned())]).collect();
    engine
}

#[test]
fn a_kernel_of_another_network_leaves_the_class_of_a_trial() {
    let experiment = records::experiment(16);
    let engine = engine(&experiment);
    let class = engine.class_of(&experiment);
    let mut richer = engine.clone();
    richer.numerics_class = "another".to_owned();
    richer.kernels.insert("new".to_owned(), "bb".to_owned());
    richer.kernels.insert("of-another-layer".to_owned(), "cc".to_owned());
    assert_eq!(richer.class_of(&experiment), class);
}

#[test]
fn each_kernel_that_a_trial_uses_decides_its_class() {
    let experiment = records::experiment(16);
    let engine = engine(&experiment);
    for name in experiment.kernels(engine.numerics) {
        let mut other = engine.clone();
        other.kernels.insert(name.clone(), "another".to_owned());
        assert_ne!(other.class_of(&experiment), engine.class_of(&experiment), "{name}");
    }
}

#[test]
fn an_engine_that_does_not_tell_a_kernel_has_one_class_for_all() {
    let experiment = records::experiment(16);
    let mut engine = engine(&experiment);
    let kernel = experiment.kernels(engine.numerics).into_iter().next().unwrap();
    engine.kernels.remove(&kernel);
    assert_eq!(engine.class_of(&experiment), engine.numerics_class);
}

#[test]
fn a_network_of_dense_layers_uses_no_kernel_of_a_convolution() {
    let kernels = records::experiment(16).kernels(Numerics::Portable);
    assert!(kernels.contains("linear") && kernels.contains("adam") && !kernels.contains("conv"));
    let kernels = records::experiment(16).kernels(Numerics::Native);
    assert!(kernels.contains("libtorch-linear") && !kernels.contains("libtorch-conv"));
}

/// Every record that is published still has the identity that its content gives, and writing its experiment anew
/// changes no field.
#[test]
fn published_experiments_are_written_as_they_were() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/baselines");
    let mut experiments = 0;
    for folder in
        std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let baseline: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
            for case in baseline["cases"].as_array().unwrap() {
                let written = &case["trial"]["experiment"];
                let experiment: Experiment = serde_json::from_value(written.clone()).unwrap();
                assert_eq!(&serde_json::to_value(&experiment).unwrap(), written, "{}", file.display());
                experiments += 1;
            }
        }
    }
    assert!(experiments > 50, "only {experiments} experiments were found");
}

#[test]
fn a_layer_is_spelled_by_its_kind() {
    let flatten: Layer = serde_json::from_str("{\"kind\": \"flatten\"}").unwrap();
    assert_eq!(serde_json::to_string(&flatten).unwrap(), "{\"kind\":\"flatten\"}");
    let unknown_field = "{\"kind\": \"flatten\", \"units\": 3}";
    assert!(serde_json::from_str::<Layer>(unknown_field).is_err());
}

fn identity_of(experiment: &Experiment) -> String {
    let trial = records::record("mlp", 16, 1, 0.9).trial;
    identity(experiment, trial.seed, &trial.dataset, &trial.environment)
}

/// A key that is younger than the records leaves no trace while it has its default.
#[test]
fn a_new_key_at_its_default_is_left_out() {
    let mut experiment = records::experiment(16);
    let old = serde_json::to_value(&experiment).unwrap();
    assert!(old["training"].get("gradient_clip").is_none(), "{old}");
    assert_eq!(serde_json::from_value::<Experiment>(old.clone()).unwrap(), experiment);
    let before = identity_of(&experiment);
    experiment.training.gradient_clip = Some(1.0);
    assert_ne!(identity_of(&experiment), before);
    assert_eq!(serde_json::to_value(&experiment).unwrap()["training"]["gradient_clip"], 1.0);
}
