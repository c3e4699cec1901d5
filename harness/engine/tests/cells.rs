//! Experiment B's check: the cells written from their equations against libtorch's.

use tch::{Device, Kind, Tensor};

use crate::engine::layers::recurrent::Stack;
use crate::engine::layers::{Builder, Parameter};
use crate::recipe::layers::recurrent::Recurrent;
use crate::recipe::{Convention, Implementation, Output, RecurrentCell, Reset};

const CELLS: [(RecurrentCell, Reset); 5] = [
    (RecurrentCell::RnnTanh, Reset::After),
    (RecurrentCell::RnnRelu, Reset::After),
    (RecurrentCell::Lstm, Reset::After),
    (RecurrentCell::Gru, Reset::After),
    (RecurrentCell::Gru, Reset::Before),
];

/// Input size 3, hidden size 3, all weights 0.3.
fn layer(
    (cell, reset): (RecurrentCell, Reset),
    implementation: Implementation,
    kind: Kind,
) -> (Stack, Vec<Parameter>) {
    let form = Recurrent {
        cell,
        units: 3,
        layers: 1,
        bidirectional: false,
        output: Output::Every,
        reset,
        implementation,
        l2: 0.0,
    };
    let mut builder = Builder::new(Convention::Torch, 1, kind, Device::Cpu);
    let layer = Stack::new(&form, 3, "0", &mut builder).unwrap();
    let parameters = builder.parameters;
    for parameter in &parameters {
        let _ = parameter.tensor.detach().fill_(0.3);
    }
    (layer, parameters)
}

/// Hidden states of 10 steps, and the gradients by the input and all weights of a weighted sum of them.
fn outputs(
    cell: (RecurrentCell, Reset),
    implementation: Implementation,
    kind: Kind,
) -> (Tensor, Vec<Tensor>) {
    let (layer, parameters) = layer(cell, implementation, kind);
    let values: Vec<f64> = (0..30).map(|i| (0.9 * f64::from(i)).sin()).collect();
    let sequence = Tensor::from_slice(&values).reshape([1, 10, 3]).to_kind(kind);
    let input = sequence.set_requires_grad(true);
    let output = layer.forward(&input).unwrap();
    let sum = (&output * sequence.detach().cos()).sum(kind);
    let mut variables = vec![&input];
    variables.extend(parameters.iter().map(|parameter| &parameter.tensor));
    let gradients = Tensor::run_backward(&[&sum], &variables, false, false);
    (output.detach(), gradients)
}

/// From the first input that is no number on, no output is one.
#[test]
fn what_is_no_number_stays_none() {
    for kind in [Kind::Float, Kind::Double] {
        for cell in CELLS {
            for implementation in [Implementation::Equations, Implementation::Library] {
                let layer = layer(cell, implementation, kind).0;
                let sequence = Tensor::ones([1, 10, 3], (kind, Device::Cpu));
                let _ = sequence.get(0).get(4).fill_(f64::NAN);
                let output = tch::no_grad(|| layer.forward(&sequence).unwrap());
                let first = output.isnan().all_dim(-1, false).to_kind(Kind::Int64).argmax(-1, false);
                assert_eq!(first.int64_value(&[0]), 4, "{cell:?} by {implementation:?} in {kind:?}");
                assert_eq!(output.isnan().sum(Kind::Int64).int64_value(&[]), 6 * 3);
            }
        }
    }
}

fn squares(a: &Tensor, b: &Tensor) -> f64 {
    (a - b).to_kind(Kind::Double).square().sum(Kind::Double).double_value(&[])
}

#[test]
fn the_equations_give_the_outputs_and_gradients_of_the_library() {
    for (kind, bound) in [(Kind::Float, 1e-10), (Kind::Double, 1e-28)] {
        for cell in CELLS {
            // A GRU that resets before is none of the library's: there it is its equations.
            let (expected, by_library) = outputs(cell, Implementation::Library, kind);
            assert_eq!(expected.size(), [1, 10, 3]);
            assert!(expected.abs().min().double_value(&[]) > 0.0 || cell.0 == RecurrentCell::RnnRelu);
            let (output, gradients) = outputs(cell, Implementation::Equations, kind);
            let sum = squares(&output, &expected);
            println!("{kind:?} {cell:?}: outputs {sum:e}");
            assert!(sum < bound, "{cell:?} in {kind:?}: {sum:e}");
            assert_eq!(gradients.len(), by_library.len());
            for (index, (gradient, expected)) in gradients.iter().zip(&by_library).enumerate() {
                let relative = squares(gradient, expected) / squares(expected, &expected.zeros_like());
                println!("{kind:?} {cell:?}: gradient {index} {relative:e}");
                assert!(relative < bound, "{cell:?} in {kind:?}, gradient {index}: {relative:e}");
            }
        }
    }
}
