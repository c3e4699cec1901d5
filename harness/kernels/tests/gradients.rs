//! Gradients of whole networks against finite differences, and the same bits on every instruction set.

use crate::kernels::isa::tests::with_each;
use crate::kernels::network::{PlannedNetwork, SampleSet};
use crate::kernels::parameters::{KeptGradients, Parameters};
use crate::kernels::tests::drawn;
use crate::kernels::vector::Scalar;
use crate::recipe::Convention;
use crate::recipe::layers::Layer;
use crate::recipe::shape::{Shape, plan};

const GREY: Shape = Shape::Image { channels: 1, height: 6, width: 5 };
const COLOUR: Shape = Shape::Image { channels: 3, height: 7, width: 6 };

/// Networks that have every layer in every form, with their inputs, as JSON has them.
pub fn networks() -> Vec<(&'static str, Shape, String)> {
    let dense = |units: u32, activation: &str| {
        format!(r#"{{"kind":"dense","units":{units},"activation":"{activation}","bias":true,"l2":0.0}}"#)
    };
    let flatten = r#"{"kind":"flatten"}"#;
    let conv = |filters: u32, stride: u32, padding: &str| {
        format!(
            r#"{{"kind":"conv","filters":{filters},"kernel":[3,3],"stride":[{stride},{stride}],"padding":"{padding}","activation":"tanh","bias":true,"l2":0.0}}"#
        )
    };
    let sequence = |by: &str| format!(r#"{{"kind":"sequence","by":"{by}"}}"#);
    let cell = |kind: &str, layers: u32, both: bool, output: &str, reset: &str| {
        format!(
            r#"{{"kind":"recurrent","cell":"{kind}","units":5,"layers":{layers},"bidirectional":{both},"output":"{output}","reset":"{reset}","implementation":"fused","l2":0.0}}"#
        )
    };
    let norm = |kind: &str, momentum: &str| format!(r#"{{"kind":"{kind}"{momentum},"eps":1e-3}}"#);
    let pool = |kind: &str| format!(r#"{{"kind":"{kind}","size":[2,2],"stride":[2,2]}}"#);
    let residual = |layers: &str, projection: &str| {
        format!(
            r#"{{"kind":"residual","layers":[{layers}],"projection":{projection},"activation":"sigmoid"}}"#
        )
    };
    let projection = r#"{"stride":[1,1],"bias":true,"l2":0.0}"#;
    let all = |layers: &[&str]| format!("[{}]", layers.join(","));
    let momentum = r#","momentum":0.1"#;
    vec![
        ("mlp", GREY, all(&[flatten, &dense(7, "sigmoid"), &dense(4, "linear")])),
        ("colour mlp", COLOUR, all(&[flatten, &dense(7, "tanh"), &dense(4, "linear")])),
        (
            "conv",
            COLOUR,
            all(&[
                &conv(5, 1, "same"),
                &pool("max-pool"),
                &conv(17, 1, "valid"),
                flatten,
                &dense(4, "linear"),
            ]),
        ),
        (
            "conv in tiles",
            COLOUR,
            all(&[
                &conv(16, 1, "same"),
                &conv(16, 1, "same"),
                &conv(32, 1, "valid"),
                flatten,
                &dense(4, "linear"),
            ]),
        ),
        ("conv-stride", GREY, all(&[&conv(3, 2, "valid"), &pool("avg-pool"), flatten, &dense(4, "linear")])),
        (
            "norms",
            COLOUR,
            all(&[
                &conv(20, 1, "same"),
                &norm("batch-norm", momentum),
                flatten,
                &dense(6, "linear"),
                &norm("batch-norm", momentum),
                &norm("layer-norm", ""),
                &dense(4, "linear"),
            ]),
        ),
        ("gap", GREY, all(&[&conv(6, 1, "same"), r#"{"kind":"global-avg-pool"}"#, &dense(4, "linear")])),
        (
            "residual",
            COLOUR,
            all(&[
                &residual(&conv(3, 1, "same"), "null"),
                &residual(&conv(4, 1, "same"), projection),
                flatten,
                &residual(&dense(5, "tanh"), projection),
                &dense(4, "linear"),
            ]),
        ),
        (
            "rnn",
            GREY,
            all(&[&sequence("columns"), &cell("rnn-tanh", 1, false, "last", "after"), &dense(4, "linear")]),
        ),
        (
            "lstm",
            COLOUR,
            all(&[&sequence("rows"), &cell("lstm", 2, false, "last", "after"), &dense(4, "linear")]),
        ),
        (
            "lstm both ways",
            GREY,
            all(&[&sequence("pixels"), &cell("lstm", 2, true, "last", "after"), &dense(4, "linear")]),
        ),
        (
            "gru",
            GREY,
            all(&[
                &sequence("rows"),
                &cell("gru", 2, false, "every", "after"),
                &norm("batch-norm", momentum),
                &norm("layer-norm", ""),
                &dense(4, "linear"),
            ]),
        ),
        (
            "gru before",
            GREY,
            all(&[&sequence("rows"), &cell("gru", 1, true, "every", "before"), &dense(4, "linear")]),
        ),
    ]
}

pub struct TrainedNetwork<S> {
    pub network: PlannedNetwork<S>,
    pub values: Vec<Vec<S>>,
    pub buffers: Vec<Vec<S>>,
    pub samples: Vec<S>,
    pub labels: Vec<u16>,
}

impl<S: Scalar> TrainedNetwork<S> {
    pub fn new(input: Shape, layers: &str, samples: usize) -> Self {
        let layers: Vec<Layer> = serde_json::from_str(layers).unwrap();
        let rows = plan(&layers, Convention::Torch, input, 4).unwrap();
        let network = PlannedNetwork::new(&layers, Convention::Torch, input, samples);
        let mut lengths = Vec::new();
        let mut buffers = Vec::new();
        crate::kernels::tests::lengths(&layers, input, &mut lengths, &mut buffers);
        assert_eq!(lengths.iter().sum::<usize>() as u64, rows.iter().map(|row| row.parameters).sum::<u64>());
        let scaled = |values: Vec<S>| values.into_iter().map(|value| value * S::of(0.3)).collect();
        TrainedNetwork {
            network,
            values: (0..).zip(lengths).map(|(item, length)| scaled(drawn(length, 10 + item))).collect(),
            buffers: buffers.into_iter().map(|length| vec![S::ONE; length]).collect(),
            samples: drawn(samples * input.values() as usize, 1),
            labels: (0..samples as u16).map(|sample| sample % 4).collect(),
        }
    }

    fn train(&mut self) -> (f64, KeptGradients<S>) {
        let mut gradients = KeptGradients::new(self.values.iter().map(Vec::len));
        let mut parameters = Parameters {
            values: self.values.iter_mut().map(Vec::as_mut_slice).collect(),
            buffers: self.buffers.iter_mut().map(Vec::as_mut_slice).collect(),
        };
        let mut set = SampleSet { values: &self.samples, labels: &self.labels };
        let index: Vec<u32> = (0..self.labels.len() as u32).collect();
        let score = self.network.train(&mut set, &index, 7, &mut parameters, &mut gradients);
        (score.loss / self.labels.len() as f64, gradients)
    }
}

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    for (name, input, layers) in networks() {
        let mut case = TrainedNetwork::<f64>::new(input, &layers, 19);
        let (_, gradients) = case.train();
        for index in 0..case.values.len() {
            let length = case.values[index].len();
            for element in (0..length).step_by(length.div_ceil(5)) {
                let h = 1e-6;
                let value = case.values[index][element];
                let mut at = |x: f64| {
                    case.values[index][element] = x;
                    case.train().0
                };
                let slope = (at(value + h) - at(value - h)) / (2.0 * h);
                case.values[index][element] = value;
                let gradient = gradients.values[index][element];
                assert!(
                    (slope - gradient).abs() < 1e-8 + 1e-6 * slope.abs(),
                    "{name}, parameter {index}, element {element}: {gradient} for a slope of {slope}"
                );
            }
        }
    }
}

#[test]
fn every_instruction_set_gives_the_same_bits() {
    for (name, input, layers) in networks() {
        let bits = with_each(|| {
            let mut case = TrainedNetwork::<f32>::new(input, &layers, 37);
            let (loss, gradients) = case.train();
            let gradients: Vec<u32> = gradients.values.into_iter().flatten().map(f32::to_bits).collect();
            (loss.to_bits(), gradients)
        });
        for other in &bits[1..] {
            assert!(*other == bits[0], "{name}");
        }
    }
}
