//! Initial values and three epochs of training against PyTorch, Keras and TensorFlow 1 themselves
//! (`tests/reference/epochs.py`).

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;
use tch::{Device, Kind, Tensor};

use super::experiment;
use crate::engine::model::Model;
use crate::engine::optimizer::StatefulOptimizer;
use crate::engine::samples::cross_entropy;
use crate::engine::watch::LearningRate;
use crate::event::{Epoch, Score};
use crate::recipe::{Experiment, Layer};

const LIBRARIES: [(&str, &str); 3] = [
    ("torch", include_str!("../../../tests/reference/epochs_torch.json")),
    ("keras", include_str!("../../../tests/reference/epochs_keras.json")),
    ("tf1", include_str!("../../../tests/reference/epochs_tf1.json")),
];

const TRAIN: usize = 25;
const HELD_OUT: usize = 10;
const BATCH: usize = 7;
const SIDE: usize = 6;

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn filled(shape: &[i64], value: impl Fn(f64) -> f64, kind: Kind) -> Tensor {
    let count: i64 = shape.iter().product();
    let values: Vec<f64> = (0..count).map(|i| value(i as f64)).collect();
    Tensor::from_slice(&values).reshape(shape).to_kind(kind)
}

/// The losses of each epoch: in training, and of the samples that are held out.
fn train(experiment: &Experiment, kind: Kind) -> [Vec<f64>; 2] {
    let side = SIDE as i64;
    let images = filled(&[(TRAIN + HELD_OUT) as i64, 1, side, side], |i| (0.13 * i).cos(), kind);
    let labels: Vec<i64> = (0..(TRAIN + HELD_OUT) as i64).map(|i| (7 * i * i + 3 * i) % 10).collect();
    let labels = Tensor::from_slice(&labels);
    let held_out = Tensor::arange_start(TRAIN as i64, (TRAIN + HELD_OUT) as i64, (Kind::Int64, Device::Cpu));

    let model = Model::new(experiment, 1, kind, Device::Cpu).unwrap();
    for (index, parameter) in model.parameters.iter().enumerate() {
        let value = |i: f64| 0.3 * (0.7 * i + 1.3 * index as f64).sin();
        let _no_grad = tch::no_grad_guard();
        parameter.tensor.shallow_clone().copy_(&filled(&parameter.tensor.size(), value, kind));
    }
    let training = &experiment.training;
    let mut rate = LearningRate::new(training, TRAIN.div_ceil(BATCH) as u32);
    let convention = experiment.convention;
    let decay = training.weight_decay;
    let mut optimizer =
        StatefulOptimizer::new(training.optimizer, convention, decay, &model.parameters).unwrap();
    let loss_of = |index: &Tensor, training| {
        let logits = model.forward(&images.index_select(0, index), training).unwrap();
        cross_entropy(&logits, &labels.index_select(0, index)).unwrap()
    };
    let reported = |loss: &Tensor| {
        let penalty = model.penalty().unwrap();
        loss.double_value(&[]) + penalty.map_or(0.0, |penalty| penalty.double_value(&[]))
    };
    let mut losses = [Vec::new(), Vec::new()];
    for epoch in 0..3 {
        let order: Vec<i64> = (0..TRAIN).map(|k| ((k * (epoch + 2) + epoch) % TRAIN) as i64).collect();
        let mut total = 0.0;
        for batch in order.chunks(BATCH) {
            let loss = loss_of(&Tensor::from_slice(batch), true);
            total += reported(&loss) * batch.len() as f64;
            let lr = rate.at(optimizer.steps());
            optimizer.step(&loss, lr).unwrap();
        }
        let validation = reported(&loss_of(&held_out, false));
        losses[0].push(total / TRAIN as f64);
        losses[1].push(validation);
        rate.observe(&observed(validation));
    }
    losses
}

fn observed(loss: f64) -> Epoch {
    Epoch {
        epoch: 1,
        train: Score { loss: 0.0, accuracy: 0.0 },
        validation: Some(Score { loss, accuracy: 0.0 }),
        learning_rate: 0.0,
        samples: 1,
        train_seconds: 1.0,
        train_cpu_seconds: 1.0,
        validation_seconds: 0.0,
        checkpoint_seconds: 0.0,
        trajectory: String::new(),
        tensors: BTreeMap::new(),
    }
}

#[test]
fn three_epochs_lose_what_the_library_loses() {
    for (library, values) in LIBRARIES {
        let whole: Value = serde_json::from_str(values).unwrap();
        let trainings = whole["trainings"].as_array().unwrap();
        assert!(trainings.len() >= 5, "{library}");
        for case in trainings {
            let name = case["name"].as_str().unwrap();
            let mut experiment = experiment(read(&whole["convention"]), read(&case["layers"]), SIDE as u32);
            experiment.training.optimizer = read(&case["optimizer"]);
            experiment.training.schedule = read(&case["schedule"]);
            experiment.training.weight_decay = read(&case["weight_decay"]);
            // Even in float64 Keras and TensorFlow round Adam's betas and the rate of a schedule to single precision.
            let exactly = if library == "torch" { 1e-12 } else { 1e-5 };
            for (kind, tolerance) in [(Kind::Double, exactly), (Kind::Float, 1e-5)] {
                let found = train(&experiment, kind);
                for (found, of) in found.iter().zip(["train", "validation"]) {
                    let expected: Vec<f64> = read(&case[of]);
                    assert_eq!(found.len(), expected.len());
                    for (found, expected) in found.iter().zip(&expected) {
                        let difference = (found - expected).abs();
                        assert!(
                            difference < tolerance,
                            "{library}, {name}, {of}, {kind:?}: {found} and {expected} differ by {difference}"
                        );
                    }
                }
            }
        }
    }
}

/// Root mean squares of a kernel's gates, by the rows of PyTorch's matrices.
fn root_mean_squares(tensor: &Tensor, gates: i64) -> Vec<f64> {
    let blocks = tensor.detach().chunk(gates, 0);
    blocks.iter().map(|block| block.square().mean(Kind::Double).sqrt().double_value(&[])).collect()
}

#[test]
fn initial_values_are_as_large_as_the_library_s() {
    for (library, values) in LIBRARIES {
        let whole: Value = serde_json::from_str(values).unwrap();
        let recurrent = |cell: &str| {
            let reset = if library == "tf1" && cell == "gru" { "before" } else { "after" };
            serde_json::json!({"kind": "recurrent", "cell": cell, "units": 80, "layers": 1, "bidirectional": false,
                "output": "last", "reset": reset, "implementation": "fused", "l2": 0.0})
        };
        let dense = |units: u32| serde_json::json!({"kind": "dense", "units": units, "activation": "linear", "bias": true, "l2": 0.0});
        let conv = |filters: u32| {
            serde_json::json!({"kind": "conv", "filters": filters, "kernel": [3, 3], "stride": [1, 1],
                "padding": "same", "activation": "relu", "bias": true, "l2": 0.0})
        };
        let flatten = serde_json::json!({"kind": "flatten"});
        let rows = serde_json::json!({"kind": "sequence", "by": "rows"});
        let networks = [
            ("dense", 1, vec![flatten.clone(), dense(200), dense(10)], 0),
            ("conv", 1, vec![conv(16), conv(32), flatten, dense(10)], 2),
            ("rnn-tanh", 1, vec![rows.clone(), recurrent("rnn-tanh"), dense(10)], 0),
            ("lstm", 4, vec![rows.clone(), recurrent("lstm"), dense(10)], 0),
            ("gru", 3, vec![rows, recurrent("gru"), dense(10)], 0),
        ];
        for (name, gates, network, first) in networks {
            let network: Vec<Layer> = read(&Value::Array(network));
            let experiment = experiment(read(&whole["convention"]), network, 30);
            let model = Model::new(&experiment, 5, Kind::Double, Device::Cpu).unwrap();
            let own = &model.parameters[first..model.parameters.len() - 2];
            let own = if name == "dense" || name == "conv" { &own[..2] } else { own };
            let found: Vec<f64> =
                own.iter().flat_map(|parameter| root_mean_squares(&parameter.tensor, gates)).collect();
            let expected: Vec<f64> = read(&whole["initial"][name]);
            assert_eq!(found.len(), expected.len(), "{library}, {name}");
            for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
                let spread = if found == expected { 0.0 } else { (found / expected - 1.0).abs() };
                // Biases are few: their root mean square has a standard error of up to 5 % where they are drawn.
                let limit = if own[index / gates as usize].tensor.dim() == 1 { 0.2 } else { 0.05 };
                assert!(spread < limit, "{library}, {name}, block {index}: {found} and {expected}");
            }
        }
    }
}

/// Needs a Python with torch 2.11.0, and one with tensorflow-cpu 2.21.0, keras 3.15.1 and tf_keras 2.21.0:
/// `TCHBENCH_TENSORFLOW=venv/bin/python TCHBENCH_TORCH=venv/bin/python cargo test --release --lib the_libraries_still -- --ignored`
#[test]
#[ignore = "needs PyTorch, Keras and TensorFlow"]
fn the_libraries_still_give_these_values() {
    for (library, values) in LIBRARIES {
        let variable = if library == "torch" { "TCHBENCH_TORCH" } else { "TCHBENCH_TENSORFLOW" };
        let python = std::env::var(variable).expect("it names the Python that has the library");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/epochs.py");
        let output =
            Command::new(python).args([script, library]).env("TF_USE_LEGACY_KERAS", "1").output().unwrap();
        assert!(output.status.success(), "{library}: {}", String::from_utf8_lossy(&output.stderr));
        let given: Value = serde_json::from_slice(&output.stdout).unwrap();
        let written: Value = serde_json::from_str(values).unwrap();
        let cases = |whole: &Value| whole["trainings"].as_array().unwrap().clone();
        assert_eq!(cases(&given).len(), cases(&written).len(), "{library}");
        for (given, written) in cases(&given).iter().zip(cases(&written)) {
            for of in ["train", "validation"] {
                let [given, written]: [Vec<f64>; 2] = [read(&given[of]), read(&written[of])];
                assert!(
                    given.iter().zip(&written).all(|(a, b)| (a - b).abs() < 1e-12),
                    "{library}: {given:?}"
                );
            }
        }
    }
}
