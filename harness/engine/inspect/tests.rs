//! Gates against the layers' own kernels, Jacobians against finite differences, answers before the end
//! against outputs of every time step.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tch::{Device, Kind, Tensor};

use super::*;
use crate::data::{Buffer, Split, Values};
use crate::engine::tests::experiment;
use crate::event::Part;
use crate::recipe;
use crate::recipe::shape::Shape;
use crate::recipe::{Convention, Layer};
use crate::recipe::{ENGINE_REVISION, Environment, Numerics};
use crate::rng::{Purpose, Stream};

const SIDE: u32 = 6;

fn trial(layers: Value) -> Trial {
    let layers: Vec<Layer> = serde_json::from_value(layers).unwrap();
    Trial {
        suite: "s".parse().unwrap(),
        case: "c".parse().unwrap(),
        seed: 3,
        identity: String::new(),
        experiment: experiment(Convention::Torch, layers, SIDE),
        parameters: None,
        dataset: BTreeMap::new(),
        environment: Environment { device: recipe::Device::Cpu, threads: 1, numerics: Numerics::Native },
        engine_revision: ENGINE_REVISION,
    }
}

fn empty() -> Dataset {
    let split = || Split {
        shape: Shape::Image { channels: 1, height: 28, width: 28 },
        values: Values::Bytes(Buffer::Owned(vec![])),
        labels: Buffer::Owned(vec![]),
    };
    Dataset {
        name: "glyphs".to_owned(),
        classes: 10,
        class_names: Vec::new(),
        digests: BTreeMap::new(),
        train: split(),
        test: split(),
    }
}

/// With its initial weights in double precision.
fn network<'a>(trial: &'a Trial, dataset: &'a Dataset) -> Network<'a> {
    let trained = Trained::with_kind(trial, &Weights::Initial, Kind::Double).unwrap();
    Network { trial, dataset, trained, kind: Kind::Double }
}

fn recurrent(cell: &str, reset: &str, output: &str, layers: u32, both: bool) -> Value {
    json!({
        "kind": "recurrent", "cell": cell, "units": 5, "layers": layers, "bidirectional": both,
        "output": output, "reset": reset, "implementation": "fused", "l2": 0.0,
    })
}

fn dense() -> Value {
    json!({ "kind": "dense", "units": 10, "activation": "linear", "bias": true, "l2": 0.0 })
}

fn rows() -> Value {
    json!({ "kind": "sequence", "by": "rows" })
}

fn images(count: i64) -> Tensor {
    let mut stream = Stream::new(5, Purpose::Probe, 0);
    let side = i64::from(SIDE);
    let pixels: Vec<f64> = (0..count * side * side).map(|_| stream.unit()).collect();
    Tensor::from_slice(&pixels).reshape([count, 1, side, side])
}

fn largest(difference: Tensor) -> f64 {
    difference.abs().max().double_value(&[])
}

const CELLS: [(&str, &str); 5] =
    [("rnn-tanh", "after"), ("rnn-relu", "after"), ("lstm", "after"), ("gru", "after"), ("gru", "before")];

/// What the gates say the output must be is what the fused kernels put out.
#[test]
fn the_output_follows_from_the_gates() {
    let dataset = empty();
    let images = images(3);
    for (cell, reset) in CELLS {
        let trial = trial(json!([rows(), recurrent(cell, reset, "every", 2, true), dense()]));
        let network = network(&trial, &dataset);
        let model = &network.trained.model;
        let mut seen: BTreeMap<(String, i64, Part), Tensor> = BTreeMap::new();
        let sequence = model.part(0..1, &images).unwrap();
        let mut see = |layer: &str, step: i64, part: Part, values: &Tensor| {
            seen.insert((layer.to_owned(), step, part), values.copy());
            Ok(())
        };
        model.recurrent(1).unwrap().trace(&sequence, &mut see).unwrap();
        let own = model.part(0..2, &images).unwrap();
        let steps = i64::from(SIDE);
        for (layer, from) in [("l1", 0), ("l1_reverse", 5)] {
            let mut h = Tensor::zeros([3, 5], (Kind::Double, Device::Cpu));
            let mut c = None::<Tensor>;
            for i in 0..steps {
                let step = if from == 0 { i } else { steps - 1 - i };
                let part = |part| seen[&(layer.to_owned(), step, part)].shallow_clone();
                h = match cell {
                    "lstm" => {
                        let before = c.take().unwrap_or_else(|| h.zeros_like());
                        let now = part(Part::Forget) * before + part(Part::Input) * part(Part::Candidate);
                        assert!(largest(&now - part(Part::Cell)) < 1e-14);
                        let h = part(Part::Output) * now.tanh();
                        c = Some(now);
                        h
                    }
                    "gru" => {
                        let z = part(Part::Update);
                        (1.0 - &z) * part(Part::Candidate) + z * h
                    }
                    _ => part(Part::Hidden),
                };
                let difference = largest(&h - own.select(1, step).narrow(1, from, 5));
                assert!(difference < 1e-12, "{cell} {reset} {layer} step {step}: {difference}");
            }
        }
    }
}

/// The Frobenius norm of ∂h_T/∂x_t, each element of the Jacobian by central differences.
#[test]
fn gradient_norms_are_finite_differences() {
    const STEP: f64 = 1e-5;
    let dataset = empty();
    let images = images(2);
    for (cell, reset) in CELLS {
        let trial = trial(json!([rows(), recurrent(cell, reset, "last", 2, false), dense()]));
        let network = network(&trial, &dataset);
        let norms = network.jacobian_norms(&images).unwrap();
        for sample in 0..2 {
            for row in 0..i64::from(SIDE) {
                let mut squares = 0.0;
                for column in 0..i64::from(SIDE) {
                    let moved = |by: f64| {
                        let _no_grad = tch::no_grad_guard();
                        let moved = images.copy();
                        let _ = moved.get(sample).get(0).get(row).narrow(0, column, 1).g_add_scalar_(by);
                        network.trained.model.part(0..2, &moved).unwrap().get(sample)
                    };
                    let slope = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
                    squares += slope.square().sum(Kind::Double).double_value(&[]);
                }
                let exact = norms.double_value(&[sample, row]);
                let numeric = squares.sqrt();
                let close = (exact - numeric).abs() < 1e-9 + 1e-6 * numeric;
                assert!(close, "{cell} {reset}, x_{row}: {exact}, by differences {numeric}");
            }
        }
    }
}

/// Where h is a sum of inputs times powers of the weight of h, so is the norm, however small.
#[test]
fn gradient_norms_may_be_as_small_as_doubles_are() {
    const WEIGHT: f64 = 1e-60;
    let dataset = empty();
    let trial = trial(json!([rows(), recurrent("rnn-relu", "after", "last", 1, false), dense()]));
    let network = network(&trial, &dataset);
    for parameter in &network.trained.model.parameters[..4] {
        let weight = match parameter.name.as_str() {
            "1.weight_hh_l0" => WEIGHT * Tensor::eye(5, (Kind::Double, Device::Cpu)),
            _ => parameter.tensor.ones_like(),
        };
        parameter.tensor.detach().copy_(&weight);
    }
    let norms = network.jacobian_norms(&images(1)).unwrap();
    for step in 0..SIDE {
        // 5 units by as many inputs as a row has columns.
        let exact = (5.0 * f64::from(SIDE)).sqrt() * libm::pow(WEIGHT, f64::from(SIDE - 1 - step));
        let norm = norms.double_value(&[0, step.into()]);
        assert!((norm / exact - 1.0).abs() < 1e-12, "step {step}: {norm:e}, {exact:e}");
    }
}

/// Forwards, the answer of a network that is given some steps is the output of the last of them, put
/// through the rest; at the end it is the network's own, both ways too.
#[test]
fn an_answer_before_the_end_is_the_output_of_that_step_put_through_the_rest() {
    let _no_grad = tch::no_grad_guard();
    let dataset = empty();
    let images = images(3);
    let relu = json!({ "kind": "activation", "function": "relu" });
    for (cell, reset) in CELLS {
        for (output, both) in [("last", false), ("every", false), ("last", true), ("every", true)] {
            let layers = |output| json!([rows(), recurrent(cell, reset, output, 2, both), relu, dense()]);
            let every = trial(layers("every"));
            let trial = trial(layers(output));
            let network_of = |trial| network(trial, &dataset);
            let network = network_of(&trial);
            let every = network_of(&every);
            let reading = network.reading().unwrap();
            let sequence = network.sequence(&reading, &images).unwrap();
            let after = |step| network.after(&reading, &sequence, step).unwrap();
            let outputs = every.trained.model.forward(&images, false).unwrap();
            for step in 1..=SIDE {
                let difference = largest(after(step) - outputs.select(1, i64::from(step) - 1));
                assert!(both || difference < 1e-12, "{cell} {reset} {output}, step {step}: {difference}");
            }
            let own = network.trained.model.forward(&images, false).unwrap();
            let own = if own.dim() == 3 { own.select(1, -1) } else { own };
            assert!(largest(after(SIDE) - own) < 1e-14);
        }
    }
}

#[test]
fn a_network_that_has_no_answer_before_the_end_says_so() {
    let dataset = empty();
    let flat =
        trial(json!([rows(), recurrent("gru", "after", "every", 1, false), { "kind": "flatten" }, dense()]));
    let error = network(&flat, &dataset).steps(&[], None, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("its layer 2 (`flatten`) takes all at once"), "{error}");
    let dense = trial(json!([{ "kind": "flatten" }, dense()]));
    let error = network(&dense, &dataset).steps(&[], None, &mut |_| {}).unwrap_err();
    assert_eq!(error.to_string(), "it has no recurrent layer; its layers are flatten, dense");
}
