//! Optimizers against PyTorch's own (`tests/reference/optimizers.py`) and closed forms.

use serde_json::Value;
use tch::{Device, Kind, Tensor};

use crate::engine::layers::Parameter;
use crate::engine::optimizer::FusedOptimizer;
use crate::recipe::optimizers::{Adam, Adamw, Rmsprop, Sgd};
use crate::recipe::{Convention, Optimizer};

const TORCH: Convention = Convention::Torch;

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
    assert_eq!(runs.len(), 11);
    for run in runs {
        let rule: Optimizer = serde_json::from_value(run["rule"].clone()).unwrap();
        let expected: Vec<Vec<f64>> = serde_json::from_value(run["weights"].clone()).unwrap();
        let decay = run["weight_decay"].as_f64().unwrap();
        let kinds = [(Kind::Double, 1e-12), (Kind::Float, 2e-5)];
        for ((kind, tolerance), loops) in kinds.into_iter().flat_map(|kind| [(kind, true), (kind, false)]) {
            let parameters = [parameter(&[1.0, -0.5], kind, 0.0)];
            let mut optimizer = FusedOptimizer::with(loops, rule, TORCH, decay, &parameters).unwrap();
            for (step, expected) in expected.iter().enumerate() {
                let gradient = [0.0, 1.0].map(|i| (3.0 * (step as f64 + 1.0) + i).sin());
                let gradient = Tensor::from_slice(&gradient).to_kind(kind);
                optimizer.apply(&[gradient], rule.lr()).unwrap();
                for (value, expected) in values(&parameters[0].tensor).iter().zip(expected) {
                    let difference = (value - expected).abs();
                    assert!(
                        difference < tolerance,
                        "{rule:?} {loops} decay {decay} step {step}: {difference}"
                    );
                }
            }
        }
    }
}

/// CUDA has libtorch's kernels for lists of tensors, the CPU our loops: weights of several shapes, with
/// and without a penalty, move alike under both, and so does the optimizer's state.
#[test]
fn both_kinds_of_kernels_move_alike() {
    let sgd = |momentum, nesterov| Optimizer::Sgd(Sgd { lr: 0.05, momentum, nesterov });
    let rules = [
        Optimizer::Adam(Adam { lr: 1e-2, beta1: 0.9, beta2: 0.99, eps: 1e-8 }),
        Optimizer::Adamw(Adamw { lr: 1e-2, beta1: 0.9, beta2: 0.99, eps: 1e-8, weight_decay: 0.1 }),
        Optimizer::Rmsprop(Rmsprop { lr: 1e-2, alpha: 0.9, eps: 1e-6 }),
        sgd(0.0, false),
        sgd(0.9, false),
        sgd(0.9, true),
    ];
    let drawn =
        |n: usize, offset: f64| -> Vec<f64> { (0..n).map(|i| (i as f64 * 0.7 + offset).sin()).collect() };
    let after = |loops, rule: Optimizer, (convention, weight_decay)| -> Vec<Vec<f64>> {
        let sizes = [1, 17, 1000];
        let parameters = sizes.map(|n| parameter(&drawn(n, 0.5), Kind::Double, 0.01 * (n % 2) as f64));
        let mut optimizer = FusedOptimizer::with(loops, rule, convention, weight_decay, &parameters).unwrap();
        for step in 0..5 {
            let gradients = sizes.map(|n| Tensor::from_slice(&drawn(n, f64::from(step))));
            optimizer.apply(&gradients, rule.lr()).unwrap();
        }
        let weights = parameters.iter().map(|parameter| &parameter.tensor);
        weights.chain(optimizer.state().map(|(_, _, tensor)| tensor)).map(values).collect()
    };
    let forms = [TORCH, Convention::Keras].map(|form| [(form, 0.0), (form, 0.1)]).concat();
    for (rule, form) in rules.into_iter().flat_map(|rule| forms.iter().map(move |&form| (rule, form))) {
        let [loops, lists] = [true, false].map(|loops| after(loops, rule, form));
        for (a, b) in loops.iter().flatten().zip(lists.iter().flatten()) {
            assert!((a - b).abs() <= 1e-12, "{rule:?} {form:?}: {a} and {b}");
        }
        assert_eq!(
            loops.iter().map(Vec::len).collect::<Vec<_>>(),
            lists.iter().map(Vec::len).collect::<Vec<_>>()
        );
    }
}

#[test]
fn an_l2_penalty_is_twice_a_weight_decay() {
    let rule = Optimizer::Sgd(Sgd { lr: 0.5, momentum: 0.0, nesterov: false });
    let parameters = [parameter(&[2.0, -4.0], Kind::Double, 0.1)];
    let mut optimizer = FusedOptimizer::new(rule, TORCH, 0.0, &parameters).unwrap();
    optimizer.apply(&[Tensor::zeros([2], (Kind::Double, Device::Cpu))], 0.5).unwrap();
    // w - lr * 2 l w = w (1 - 0.1).
    let moved = values(&parameters[0].tensor);
    assert!((moved[0] - 1.8).abs() < 1e-15 && (moved[1] + 3.6).abs() < 1e-15, "{moved:?}");
}

#[test]
fn the_first_step_of_adam_is_the_learning_rate() {
    // With zero moments and bias correction the first step is lr * g / (|g| + eps).
    let rule = Optimizer::Adam(Adam { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8 });
    let n = 1000;
    let parameters = [parameter(&vec![0.0; n], Kind::Double, 0.0)];
    let mut optimizer = FusedOptimizer::new(rule, TORCH, 0.0, &parameters).unwrap();
    let gradient: Vec<f64> = (0..n).map(|i| (i as f64 - 500.5) * 1e-3).collect();
    optimizer.apply(&[Tensor::from_slice(&gradient)], 0.01).unwrap();
    for (moved, g) in values(&parameters[0].tensor).iter().zip(&gradient) {
        let expected = -0.01 * g / (g.abs() + 1e-8);
        assert!((moved - expected).abs() < 1e-12, "{moved} for gradient {g}");
    }
}

/// Norm 5 clipped to 2.5, with the penalty's gradient 2 l w in it: (3, 4) are 1 + 2 * 0.5 * 2 and 4.
#[test]
fn gradients_are_scaled_down_together() {
    let rule = Optimizer::Sgd(Sgd { lr: 1.0, momentum: 0.0, nesterov: false });
    let after = |limit| {
        let parameters = [parameter(&[2.0], Kind::Double, 0.5), parameter(&[0.0], Kind::Double, 0.0)];
        let mut optimizer =
            FusedOptimizer::new(rule, TORCH, 0.0, &parameters).unwrap().clipped(limit, 0.0, &parameters);
        optimizer.apply(&[Tensor::from_slice(&[1.0]), Tensor::from_slice(&[4.0])], 1.0).unwrap();
        [values(&parameters[0].tensor)[0], values(&parameters[1].tensor)[0]]
    };
    assert_eq!(after(None), [-1.0, -4.0]);
    assert_eq!(after(Some(6.0)), [-1.0, -4.0]);
    let factor = 2.5 / (5.0 + 1e-6);
    let [first, second] = after(Some(2.5));
    assert!((first - (2.0 - 3.0 * factor)).abs() < 1e-15, "{first}");
    assert!((second + 4.0 * factor).abs() < 1e-15, "{second}");
}
