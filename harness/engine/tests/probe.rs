//! The probe tries every kernel that a recipe names.

use serde_json::json;
use tch::Device;

use super::experiment;
use crate::engine::probe;
use crate::recipe::layers::{Layer, LayerKind};
use crate::recipe::optimizers::Optimizer;
use crate::recipe::{Convention, Numerics, kernel_of_libtorch};

#[test]
fn the_probe_has_every_kernel_that_a_layer_or_an_optimizer_names() {
    let (_, digests) = probe::run(Device::Cpu, 1, Numerics::Portable).unwrap();
    let dense = |activation: &str| json!({"kind": "dense", "units": 1, "activation": activation, "bias": true, "l2": 0.0});
    let recurrent = |cell: &str, reset: &str, implementation: &str| {
        json!({"kind": "recurrent", "cell": cell, "units": 1, "layers": 1, "bidirectional": false, "output": "last",
               "reset": reset, "implementation": implementation, "l2": 0.0})
    };
    let mut layers = vec![
        dense("linear"),
        dense("relu"),
        dense("tanh"),
        dense("sigmoid"),
        json!({"kind": "conv", "filters": 1, "kernel": [1, 1], "stride": [1, 1], "padding": "same",
               "activation": "linear", "bias": true, "l2": 0.0}),
        json!({"kind": "batch-norm", "momentum": 0.1, "eps": 1e-5}),
        json!({"kind": "max-pool", "size": [2, 2], "stride": [2, 2]}),
        json!({"kind": "avg-pool", "size": [2, 2], "stride": [2, 2]}),
        json!({"kind": "dropout", "rate": 0.5}),
        json!({"kind": "layer-norm", "eps": 1e-5}),
        json!({"kind": "global-avg-pool"}),
        json!({"kind": "residual", "layers": [{"kind": "layer-norm", "eps": 1e-5}], "activation": "relu",
               "projection": {"stride": [1, 1], "bias": true, "l2": 0.0}}),
    ];
    for (cell, reset) in
        [("rnn-tanh", "after"), ("rnn-relu", "after"), ("lstm", "after"), ("gru", "after"), ("gru", "before")]
    {
        layers.extend(["fused", "library"].map(|implementation| recurrent(cell, reset, implementation)));
    }
    for layer in layers {
        let layer: Layer = serde_json::from_value(layer).unwrap();
        assert!(!layer.kernels().is_empty(), "{layer:?} names no kernel");
        let experiment = experiment(Convention::Torch, vec![layer.clone()], 6);
        for name in [Numerics::Portable, Numerics::Native].iter().flat_map(|mode| experiment.kernels(*mode)) {
            assert!(digests.contains_key(&name), "the probe has no kernel {name}, which {layer:?} names");
        }
    }
    for rule in [
        json!({"kind": "sgd", "lr": 1.0, "momentum": 0.0, "nesterov": false}),
        json!({"kind": "adam", "lr": 1.0, "beta1": 0.9, "beta2": 0.9, "eps": 1e-8}),
        json!({"kind": "adamw", "lr": 1.0, "beta1": 0.9, "beta2": 0.9, "eps": 1e-8, "weight_decay": 0.1}),
        json!({"kind": "rmsprop", "lr": 1.0, "alpha": 0.9, "eps": 1e-8}),
    ] {
        let rule: Optimizer = serde_json::from_value(rule).unwrap();
        for name in rule.kernels() {
            assert!(
                digests.contains_key(name) && digests.contains_key(&kernel_of_libtorch(name)),
                "{rule:?}"
            );
        }
    }
}
