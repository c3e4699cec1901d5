//! Optimisers against PyTorch's own (`tests/reference/optimizers.py`) and closed forms.

use serde_json::Value;
use tch::{Device, Kind, Tensor};

use crate::engine::model::Parameter;
use crate::engine::optimizer::Optimizer;
use crate::suite::case;

fn parameter(values: &[f64], kind: Kind, l2: f64) -> Parameter {
    let tensor = Tensor::from_slice(values).to_kind(kind).set_requires_grad(true);
    Parameter { name: "w".into(), tensor, l2 }
}

fn values(tensor: &Tensor) -> Vec<f64> {
    Vec::<f64>::try_from(tensor.detach().to_kind(Kind::Double)).unwrap()
}

#[test]
fn every_rule_moves_as_pytorch_does() {
    let runs: Vec<Value> =
        serde_json::from_str(include_str!("../../../tests/reference/optimizers.json")).unwrap();
    assert_eq!(runs.len(), 10);
    for run in runs {
        let rule: case::Optimizer = serde_json::from_value(run["rule"].clone()).unwrap();
        let expected: Vec<Vec<f64>> = serde_json::from_value(run["weights"].clone()).unwrap();
        let decay = run["weight_decay"].as_f64().unwrap();
        for (kind, tolerance) in [(Kind::Double, 1e-12), (Kind::Float, 2e-5)] {
            let parameters = [parameter(&[1.0, -0.5], kind, 0.0)];
            let mut optimizer = Optimizer::new(rule, decay, &parameters).unwrap();
            for (step, expected) in expected.iter().enumerate() {
                let gradient = [0.0, 1.0].map(|i| (3.0 * (step as f64 + 1.0) + i).sin());
                let gradient = Tensor::from_slice(&gradient).to_kind(kind);
                optimizer.apply(&[gradient], rule.lr()).unwrap();
                for (value, expected) in values(&parameters[0].tensor).iter().zip(expected) {
                    let difference = (value - expected).abs();
                    assert!(difference < tolerance, "{rule:?} decay {decay} step {step}: {difference}");
                }
            }
        }
    }
}

#[test]
fn an_l2_penalty_is_twice_a_weight_decay() {
    let rule = case::Optimizer::Sgd { lr: 0.5, momentum: 0.0, nesterov: false };
    let parameters = [parameter(&[2.0, -4.0], Kind::Double, 0.1)];
    let mut optimizer = Optimizer::new(rule, 0.0, &parameters).unwrap();
    optimizer.apply(&[Tensor::zeros([2], (Kind::Double, Device::Cpu))], 0.5).unwrap();
    // w - lr * 2 l w = w (1 - 0.1).
    let moved = values(&parameters[0].tensor);
    assert!((moved[0] - 1.8).abs() < 1e-15 && (moved[1] + 3.6).abs() < 1e-15, "{moved:?}");
}

#[test]
fn the_first_step_of_adam_is_the_learning_rate() {
    // With zero moments and bias correction the first step is lr * g / (|g| + eps).
    let rule = case::Optimizer::Adam { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8 };
    let n = 1000;
    let parameters = [parameter(&vec![0.0; n], Kind::Double, 0.0)];
    let mut optimizer = Optimizer::new(rule, 0.0, &parameters).unwrap();
    let gradient: Vec<f64> = (0..n).map(|i| (i as f64 - 500.5) * 1e-3).collect();
    optimizer.apply(&[Tensor::from_slice(&gradient)], 0.01).unwrap();
    for (moved, g) in values(&parameters[0].tensor).iter().zip(&gradient) {
        let expected = -0.01 * g / (g.abs() + 1e-8);
        assert!((moved - expected).abs() < 1e-12, "{moved} for gradient {g}");
    }
}
