//! Logits, losses and gradients against PyTorch's own values (`tests/reference/forward.py`).

use tch::{Device, Kind, Tensor};

use super::{experiment, layers, reference};
use crate::engine::model::Model;
use crate::engine::samples::cross_entropy;

#[test]
fn every_network_computes_what_pytorch_computes() {
    let reference = reference();
    let side = reference["side"].as_i64().unwrap();
    let batch = reference["batch"].as_i64().unwrap();
    let labels: Vec<i64> = serde_json::from_value(reference["labels"].clone()).unwrap();
    let labels = Tensor::from_slice(&labels);
    let images = filled(batch * side * side, |i| (0.13 * i).cos()).reshape([batch, 1, side, side]);
    for network in reference["networks"].as_array().unwrap() {
        let name = network["name"].as_str().unwrap();
        let (convention, layers) = layers(network);
        let experiment = experiment(convention, layers, side as u32);
        let model = Model::new(&experiment, 1, Kind::Double, Device::Cpu).unwrap();
        assert_eq!(model.count(), network["parameters"].as_u64().unwrap(), "{name}");
        for (index, parameter) in model.parameters.iter().enumerate() {
            let values =
                filled(parameter.tensor.numel() as i64, |i| 0.3 * (0.7 * i + 1.3 * index as f64).sin());
            let _no_grad = tch::no_grad_guard();
            parameter.tensor.shallow_clone().copy_(&values.reshape(parameter.tensor.size()));
        }
        let training = network["training"].as_bool().unwrap();
        let logits = model.forward(&images, training).unwrap();
        let loss = cross_entropy(&logits, &labels).unwrap();
        let weights: Vec<&Tensor> = model.parameters.iter().map(|p| &p.tensor).collect();
        let gradients = Tensor::run_backward(&[&loss], &weights, false, false);

        let last = if logits.dim() == 3 { logits.select(1, -1) } else { logits };
        let expected: Vec<Vec<f64>> = serde_json::from_value(network["logits"].clone()).unwrap();
        let expected = Tensor::from_slice(&expected.concat()).reshape(last.size());
        let worst = (last - expected).abs().max().double_value(&[]);
        assert!(worst < 1e-12, "{name}: logits differ by {worst}");
        let difference = loss.double_value(&[]) - network["loss"].as_f64().unwrap();
        assert!(difference.abs() < 1e-12, "{name}: losses differ by {difference}");
        let norms: Vec<f64> = serde_json::from_value(network["gradient_norms"].clone()).unwrap();
        for ((gradient, expected), parameter) in gradients.iter().zip(norms).zip(&model.parameters) {
            let difference = gradient.norm().double_value(&[]) - expected;
            assert!(
                difference.abs() < 1e-12,
                "{name}: gradient of {} differs by {difference}",
                parameter.name
            );
        }
    }
}

fn filled(n: i64, value: impl Fn(f64) -> f64) -> Tensor {
    Tensor::from_slice(&(0..n).map(|i| value(i as f64)).collect::<Vec<f64>>())
}

#[test]
fn initial_values_follow_the_convention() {
    let reference = reference();
    let network = |name: &str| {
        let networks = reference["networks"].as_array().unwrap();
        let found = networks.iter().find(|network| network["name"] == name).unwrap();
        let (convention, layers) = layers(found);
        Model::new(&experiment(convention, layers, 6), 7, Kind::Double, Device::Cpu).unwrap().parameters
    };
    let absolute_max = |tensor: &Tensor| tensor.abs().max().double_value(&[]);

    // Recurrent: all uniform in ±1/sqrt(hidden), two bias vectors.
    let lstm = network("lstm by library, torch");
    let names: Vec<&str> = lstm.iter().map(|parameter| parameter.name.as_str()).collect();
    let recurrent = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];
    let expected = [0, 1].iter().flat_map(|layer| recurrent.map(|name| format!("1.{name}_l{layer}")));
    assert_eq!(names[..8], expected.collect::<Vec<_>>());
    let bound = 1.0 / 5f64.sqrt();
    for parameter in &lstm[..8] {
        let largest = absolute_max(&parameter.tensor);
        assert!(largest <= bound && largest > 0.8 * bound, "{}: {largest}", parameter.name);
    }

    // One bias vector, 0 but for the forget gate's 1; recurrent kernel orthogonal; Glorot inputs.
    let lstm = network("lstm by library, keras");
    assert_eq!(lstm.len(), 2 * 3 + 2);
    let bias = Vec::<f64>::try_from(&lstm[2].tensor.detach()).unwrap();
    assert_eq!(bias, [[0.0; 5], [1.0; 5], [0.0; 5], [0.0; 5]].concat());
    let product = lstm[1].tensor.tr().matmul(&lstm[1].tensor);
    let identity = Tensor::eye(5, (Kind::Double, Device::Cpu));
    assert!((product - identity).abs().max().double_value(&[]) < 1e-12);
    let glorot = (6.0f64 / (6.0 + 20.0)).sqrt();
    let largest = absolute_max(&lstm[0].tensor);
    assert!(largest <= glorot && largest > 0.9 * glorot, "{largest}");

    // A GRU that resets after the product keeps both bias rows, one that resets before has one.
    assert_eq!(network("gru by library, keras").len(), 2 * 4 + 2);
    assert_eq!(network("gru that resets before, keras").len(), 2 * 3 + 2);

    // Convolution: PyTorch's fan-in bound for kernel and bias; Keras's Glorot and zero bias.
    let cnn = network("cnn, torch");
    let bound = 1.0 / 9f64.sqrt();
    assert!(absolute_max(&cnn[0].tensor) <= bound && absolute_max(&cnn[1].tensor) > 0.0);
    let cnn = network("cnn, keras");
    let glorot = (6.0f64 / (9.0 + 27.0)).sqrt();
    let largest = absolute_max(&cnn[0].tensor);
    assert!(largest <= glorot && largest > 0.8 * glorot, "{largest}");
    assert_eq!(absolute_max(&cnn[1].tensor), 0.0);
}

#[test]
fn single_precision_kernels_agree_with_the_equations() {
    let reference = reference();
    let images = filled(4 * 36, |i| (0.3 * i).sin()).reshape([4, 1, 6, 6]).to_kind(Kind::Float);
    for network in reference["networks"].as_array().unwrap() {
        let name = network["name"].as_str().unwrap();
        if name.contains("equations") {
            continue;
        }
        let (convention, mut layers) = layers(network);
        let logits = |layers: &[crate::recipe::Layer]| {
            let experiment = experiment(convention, layers.to_vec(), 6);
            let model = Model::new(&experiment, 3, Kind::Float, Device::Cpu).unwrap();
            model.forward(&images, false).unwrap()
        };
        let kernels = logits(&layers);
        for layer in &mut layers {
            if let crate::recipe::Layer::Recurrent(crate::recipe::layers::recurrent::Recurrent {
                implementation,
                ..
            }) = layer
            {
                *implementation = crate::recipe::Implementation::Equations;
            }
        }
        let worst = (kernels - logits(&layers)).abs().max().double_value(&[]);
        assert!(worst < 1e-6, "{name}: {worst}");
    }
}
