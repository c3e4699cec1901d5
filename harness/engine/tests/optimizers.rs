//! Optimizers against PyTorch's own (`tests/reference/optimizers.py`) and closed forms.

use serde_json::Value;
use tch::{Device, Kind, Tensor};

use crate::engine::layers::Parameter;
use crate::engine::optimizer::StatefulOptimizer;
use crate::kernels::optimizers::OptimizerStep;
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
        for (kind, tolerance) in [(Kind::Double, 1e-12), (Kind::Float, 2e-5)] {
            let parameters = [parameter(&[1.0, -0.5], kind, 0.0)];
            let mut optimizer = StatefulOptimizer::new(rule, TORCH, decay, &parameters).unwrap();
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

/// libtorch computes with lists of tensors, the planned step with kernels of its own: weights of several lengths, with and
/// without a penalty, move alike under both, and so does the optimizer's state.
#[test]
fn the_planned_step_moves_as_libtorch_does() {
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
    for (rule, convention) in
        rules.into_iter().flat_map(|rule| [(rule, TORCH), (rule, Convention::Keras), (rule, Convention::Tf1)])
    {
        for (n, decay) in [(1, 0.0), (17, 0.12), (1000, 0.02)] {
            let parameters = [parameter(&drawn(n, 0.5), Kind::Double, decay / 2.0)];
            let mut optimizer = StatefulOptimizer::new(rule, convention, 0.0, &parameters).unwrap();
            let mut planned = drawn(n, 0.5);
            let mut state = vec![vec![0.0; n]; rule.slots().len()];
            for number in 1..=5 {
                let gradient = drawn(n, number as f64);
                optimizer.apply(&[Tensor::from_slice(&gradient)], rule.lr()).unwrap();
                let step = OptimizerStep { rule, convention, lr: rule.lr(), number };
                let mut slots: Vec<&mut [f64]> = state.iter_mut().map(Vec::as_mut_slice).collect();
                step.apply(&mut planned, &gradient, &mut slots, decay);
            }
            let by_libtorch = [values(&parameters[0].tensor)]
                .into_iter()
                .chain(optimizer.state().map(|(_, _, tensor)| values(tensor)));
            for (a, b) in by_libtorch.flatten().zip(planned.into_iter().chain(state.into_iter().flatten())) {
                assert!((a - b).abs() <= 1e-12, "{rule:?} {convention:?}: {a} and {b}");
            }
        }
    }
}

#[test]
fn an_l2_penalty_is_twice_a_weight_decay() {
    let rule = Optimizer::Sgd(Sgd { lr: 0.5, momentum: 0.0, nesterov: false });
    let parameters = [parameter(&[2.0, -4.0], Kind::Double, 0.1)];
    let mut optimizer = StatefulOptimizer::new(rule, TORCH, 0.0, &parameters).unwrap();
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
    let mut optimizer = StatefulOptimizer::new(rule, TORCH, 0.0, &parameters).unwrap();
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
            StatefulOptimizer::new(rule, TORCH, 0.0, &parameters).unwrap().clipped(limit, 0.0, &parameters);
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
