//! The planned step against libtorch's operations and autograd, in double precision.

use tch::{Device, Kind, Tensor};

use crate::engine::layers::{Build, Builder, Forward, Parameter};
use crate::engine::optimizer::StatefulOptimizer;
use crate::engine::samples::{batched, classes, cross_entropy};
use crate::kernels::loss::BatchScore;
use crate::kernels::network::{PlannedNetwork, SampleSet};
use crate::kernels::optimizers::OptimizerStep;
use crate::kernels::parameters::{KeptGradients, Parameters};
use crate::kernels::tests::{drawn, networks};
use crate::recipe::layers::{Layer, LayerKind, Place};
use crate::recipe::optimizers::{Adam, Adamw, Optimizer, Rmsprop, Sgd};
use crate::recipe::{Convention, Implementation};

const CONVENTIONS: [Convention; 3] = [Convention::Torch, Convention::Keras, Convention::Tf1];
const SAMPLES: usize = 19;

fn values(tensor: &Tensor) -> Vec<f64> {
    Vec::try_from(tensor.to_kind(Kind::Double).detach().contiguous().view(-1)).unwrap()
}

fn close(name: &str, ours: &[f64], theirs: &[f64], within: f64) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    let scale = theirs.iter().fold(1.0f64, |largest, value| largest.max(value.abs()));
    for (place, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= within * scale, "{name}, element {place}: {a}, not {b}");
    }
}

/// Lets libtorch's operations compute recurrent layers.
fn by_equations(layer: &mut Layer) {
    match layer {
        Layer::Recurrent(layer) => layer.implementation = Implementation::Equations,
        Layer::Residual(block) => block.layers.iter_mut().for_each(by_equations),
        _ => {}
    }
}

/// Compares loss, gradients and running statistics of a step, and the loss of an evaluation after it.
fn compare(convention: Convention, kind: Kind, within: f64) {
    for (name, input, layers) in networks() {
        let name = format!("{name}, {convention:?}");
        let mut layers: Vec<Layer> = serde_json::from_str(&layers).unwrap();
        layers.iter_mut().for_each(by_equations);
        let mut builder = Builder::new(convention, 3, kind, Device::Cpu);
        let mut built: Vec<Box<dyn Forward>> = Vec::new();
        let mut shape = input;
        for (index, layer) in layers.iter().enumerate() {
            built.push(layer.build(&index.to_string(), shape, &mut builder).unwrap());
            let place = Place { index, kind: layer.word(), input: shape, convention };
            shape = layer.plan(place).unwrap().last().map_or(shape, |row| row.output);
        }
        let samples: Vec<f32> = drawn(SAMPLES * input.values() as usize, 1);
        let labels: Vec<u16> = (0..SAMPLES as u16).map(|sample| sample % 4).collect();
        let x = batched(&samples, input).unwrap().to_kind(kind);
        let y = classes(&labels).unwrap();
        let loss = |training: bool| {
            let outputs =
                built.iter().fold(x.shallow_clone(), |x, layer| layer.forward(x, training).unwrap());
            cross_entropy(&outputs, &y).unwrap()
        };

        let before: Vec<Vec<f64>> = builder.parameters.iter().map(|p| values(&p.tensor)).collect();
        let buffers: Vec<Vec<f64>> = builder.buffers.iter().map(|(_, buffer)| values(buffer)).collect();
        let weights: Vec<&Tensor> = builder.parameters.iter().map(|p| &p.tensor).collect();
        let trained = loss(true);
        let theirs = Tensor::run_backward(&[&trained], &weights, false, false);

        let theirs = Theirs {
            train: trained.double_value(&[]),
            gradients: theirs.iter().map(values).collect(),
            buffers: builder.buffers.iter().map(|(_, buffer)| values(buffer)).collect(),
            test: tch::no_grad(|| loss(false)).double_value(&[]),
        };
        match kind {
            Kind::Double => ours::<f64>(
                &name,
                convention,
                (&layers, input),
                &samples,
                &labels,
                [before, buffers],
                theirs,
                within,
            ),
            _ => ours::<f32>(
                &name,
                convention,
                (&layers, input),
                &samples,
                &labels,
                [before, buffers],
                theirs,
                within,
            ),
        }
    }
}

struct Theirs {
    train: f64,
    gradients: Vec<Vec<f64>>,
    buffers: Vec<Vec<f64>>,
    test: f64,
}

#[allow(clippy::too_many_arguments)]
fn ours<S: crate::kernels::vector::Scalar>(
    name: &str,
    convention: Convention,
    (layers, input): (&[Layer], crate::recipe::shape::Shape),
    samples: &[f32],
    labels: &[u16],
    [values, buffers]: [Vec<Vec<f64>>; 2],
    theirs: Theirs,
    within: f64,
) {
    let of = |all: Vec<Vec<f64>>| -> Vec<Vec<S>> {
        all.into_iter().map(|values| values.into_iter().map(S::of).collect()).collect()
    };
    let back = |values: &[S]| -> Vec<f64> { values.iter().map(|value| value.to_f64()).collect() };
    let mut values = of(values);
    let mut buffers = of(buffers);
    let samples: Vec<S> = samples.iter().map(|value| S::of(f64::from(*value))).collect();
    let index: Vec<u32> = (0..labels.len() as u32).collect();
    let mut network = PlannedNetwork::<S>::new(layers, convention, input, labels.len());
    let mut gradients = KeptGradients::new(values.iter().map(Vec::len));
    let mut parameters = Parameters {
        values: values.iter_mut().map(Vec::as_mut_slice).collect(),
        buffers: buffers.iter_mut().map(Vec::as_mut_slice).collect(),
    };
    let mut set = SampleSet { values: &samples, labels };
    let count = labels.len() as f64;
    let train = network.train(&mut set, &index, 0, &mut parameters, &mut gradients).loss / count;
    let mut score = BatchScore::default();
    network.evaluate(&mut set, &index, &mut parameters, &mut score, |_, _| {});
    let test = score.loss / count;
    close(&format!("{name}, training loss"), &[train], &[theirs.train], within);
    for (index, (ours, theirs)) in gradients.values.iter().zip(&theirs.gradients).enumerate() {
        close(&format!("{name}, gradient {index}"), &back(ours), theirs, within);
    }
    for (index, (ours, theirs)) in buffers.iter().zip(&theirs.buffers).enumerate() {
        close(&format!("{name}, buffer {index}"), &back(ours), theirs, within);
    }
    close(&format!("{name}, test loss"), &[test], &[theirs.test], within);
}

#[test]
fn a_planned_step_is_autograds_in_double_precision() {
    CONVENTIONS.into_iter().for_each(|convention| compare(convention, Kind::Double, 1e-12));
}

#[test]
fn a_planned_step_is_autograds_in_single_precision() {
    CONVENTIONS.into_iter().for_each(|convention| compare(convention, Kind::Float, 1e-5));
}

#[test]
fn the_rules_of_both_are_the_same() {
    let rules = [
        Optimizer::Sgd(Sgd { lr: 0.1, momentum: 0.0, nesterov: false }),
        Optimizer::Sgd(Sgd { lr: 0.1, momentum: 0.9, nesterov: false }),
        Optimizer::Sgd(Sgd { lr: 0.1, momentum: 0.9, nesterov: true }),
        Optimizer::Adam(Adam { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-3 }),
        Optimizer::Adamw(Adamw { lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-3, weight_decay: 0.1 }),
        Optimizer::Rmsprop(Rmsprop { lr: 0.01, alpha: 0.9, eps: 1e-3 }),
    ];
    for (rule, convention) in
        rules.into_iter().flat_map(|rule| CONVENTIONS.map(|convention| (rule, convention)))
    {
        let begin: Vec<f64> = drawn(37, 1);
        let tensor = Tensor::from_slice(&begin);
        let parameters = [Parameter { name: String::new(), tensor: tensor.shallow_clone(), l2: 0.05 }];
        let mut optimizer = StatefulOptimizer::new(rule, convention, 0.01, &parameters).unwrap();
        let mut weights = begin;
        let mut slots = vec![vec![0.0; weights.len()]; rule.slots().len()];
        for number in 1..=4 {
            let gradient: Vec<f64> = drawn(weights.len(), 10 + number);
            let lr = rule.lr() / number as f64;
            optimizer.apply(&[Tensor::from_slice(&gradient)], lr).unwrap();
            let mut slots: Vec<&mut [f64]> = slots.iter_mut().map(Vec::as_mut_slice).collect();
            OptimizerStep { rule, convention, lr, number }.apply(
                &mut weights,
                &gradient,
                &mut slots,
                0.01 + 2.0 * 0.05,
            );
        }
        close(&format!("{rule:?}, {convention:?}"), &weights, &values(&tensor), 1e-13);
    }
}
