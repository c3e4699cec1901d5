//! Gradients against central finite differences, for every architecture, dropout and batch
//! normalisation included.

use tch::{Device, Kind, Tensor};

use super::{experiment, layers, reference};
use crate::engine::model::Model;
use crate::engine::samples::cross_entropy;
use crate::rng::{Purpose, Stream};

const STEP: f64 = 1e-5;

#[test]
fn gradients_are_finite_differences() {
    let reference = reference();
    let mut stream = Stream::new(11, Purpose::Probe, 0);
    let pixels: Vec<f64> = (0..4 * 36).map(|_| stream.unit()).collect();
    let images = Tensor::from_slice(&pixels).reshape([4, 1, 6, 6]);
    let labels = Tensor::from_slice(&[7i64, 0, 2, 9]);
    for network in reference["networks"].as_array().unwrap() {
        let name = network["name"].as_str().unwrap();
        let (convention, layers) = layers(network);
        let experiment = experiment(convention, layers, 6);
        let model = Model::new(&experiment, 5, Kind::Double, Device::Cpu).unwrap();
        let loss = || {
            tch::manual_seed(3);
            cross_entropy(&model.forward(&images, true).unwrap(), &labels).unwrap()
        };
        let weights: Vec<&Tensor> = model.parameters.iter().map(|p| &p.tensor).collect();
        let gradients = Tensor::run_backward(&[&loss()], &weights, false, false);
        for (parameter, gradient) in model.parameters.iter().zip(&gradients) {
            let n = parameter.tensor.numel() as u32;
            let flat = parameter.tensor.detach().view(-1);
            let gradient = gradient.reshape(-1);
            for _ in 0..n.min(6) {
                let element = i64::from(stream.below(n));
                let at = |offset: f64| {
                    let mut place = flat.narrow(0, element, 1);
                    let before = place.copy();
                    let _ = place.f_add_scalar_(offset).unwrap();
                    let loss = loss().double_value(&[]);
                    place.copy_(&before);
                    loss
                };
                let numeric = (at(STEP) - at(-STEP)) / (2.0 * STEP);
                let exact = gradient.double_value(&[element]);
                let difference = (numeric - exact).abs();
                assert!(
                    difference < 1e-8 + 1e-6 * exact.abs(),
                    "{name}, {}[{element}]: {numeric} by differences, {exact} by autograd",
                    parameter.name
                );
            }
        }
    }
}
