//! Shapes and parameter counts, against the published ones and those of PyTorch and Keras.
#![allow(clippy::unwrap_used)]

use tchbench::recipe::layers::batch_norm::BatchNorm;
use tchbench::recipe::layers::conv::Conv;
use tchbench::recipe::layers::dense::Dense;
use tchbench::recipe::layers::flatten::Flatten;
use tchbench::recipe::layers::global_avg_pool::GlobalAvgPool;
use tchbench::recipe::layers::layer_norm::LayerNorm;
use tchbench::recipe::layers::max_pool::MaxPool;
use tchbench::recipe::layers::recurrent::Recurrent;
use tchbench::recipe::layers::residual::{Projection, Residual};
use tchbench::recipe::layers::sequence::Sequence;
use tchbench::recipe::layers::window::Window;
use tchbench::recipe::shape::{Shape, WIDEST, parameters, plan};
use tchbench::recipe::*;

const CLASSES: u32 = 10;
const INPUT: Shape = Shape::Image { channels: 1, height: 28, width: 28 };

fn dense(units: u32) -> Layer {
    Layer::Dense(Dense { units, activation: Activation::Linear, bias: true, l2: 0.0 })
}

fn conv(filters: u32, padding: Padding) -> Layer {
    Layer::Conv(Conv {
        filters,
        kernel: [3, 3],
        stride: [1, 1],
        padding,
        activation: Activation::Relu,
        bias: true,
        l2: 0.0,
    })
}

fn pool() -> Layer {
    Layer::MaxPool(MaxPool(Window { size: [2, 2], stride: [2, 2] }))
}

fn stack(cell: RecurrentCell, units: u32, layers: u32, reset: Reset) -> Layer {
    Layer::Recurrent(Recurrent {
        cell,
        units,
        layers,
        bidirectional: false,
        output: Output::Last,
        reset,
        implementation: Implementation::Library,
        l2: 0.0,
    })
}

fn every(mut layer: Layer) -> Layer {
    if let Layer::Recurrent(Recurrent { output, .. }) = &mut layer {
        *output = Output::Every;
    }
    layer
}

fn rows() -> Layer {
    Layer::Sequence(Sequence { by: ReadBy::Rows })
}

fn counts(layers: &[Layer], convention: Convention, input: Shape) -> Vec<u64> {
    plan(layers, convention, input, CLASSES).unwrap().iter().map(|row| row.parameters).collect()
}

fn count(layers: &[Layer], convention: Convention) -> u64 {
    parameters(&plan(layers, convention, INPUT, CLASSES).unwrap())
}

/// Experiment A: 14 x 14 images, three layers of eight.
#[test]
fn pixels_and_rows() {
    let small = Shape::Image { channels: 1, height: 14, width: 14 };
    for (by, first, whole) in [(ReadBy::Pixels, 320, 1_498), (ReadBy::Rows, 736, 1_914)] {
        let layers =
            [Layer::Sequence(Sequence { by }), stack(RecurrentCell::Lstm, 8, 3, Reset::After), dense(10)];
        let counts = counts(&layers, Convention::Keras, small);
        assert_eq!(counts, [0, first, 544, 544, 90]);
        assert_eq!(counts.iter().sum::<u64>(), whole);
    }
}

/// Experiment D.
#[test]
fn two_layers_of_128() {
    let layers = [rows(), stack(RecurrentCell::Lstm, 128, 2, Reset::After), dense(10)];
    assert_eq!(counts(&layers, Convention::Torch, INPUT), [0, 80_896, 132_096, 1_290]);
    assert_eq!(count(&layers, Convention::Torch), 214_282);
}

/// Experiment E: dense networks.
#[test]
fn dense_networks() {
    for (widths, whole) in
        [(vec![10, 10], 7_960), (vec![10, 128, 10], 10_548), (vec![10], 7_850), (vec![128, 10], 101_770)]
    {
        let mut layers = vec![Layer::Flatten(Flatten)];
        layers.extend(widths.into_iter().map(dense));
        assert_eq!(count(&layers, Convention::Keras), whole);
    }
}

/// Experiment E: the naive convolutional network.
#[test]
fn naive_cnn() {
    let mut layers = Vec::new();
    for filters in [64, 128, 256] {
        layers.extend([conv(filters, Padding::Same), conv(filters, Padding::Valid), pool()]);
    }
    layers.extend([Layer::Flatten(Flatten), dense(1024), dense(512), dense(10)]);
    assert_eq!(count(&layers, Convention::Keras), 1_937_354);
    let planned = plan(&layers, Convention::Keras, INPUT, CLASSES).unwrap();
    let shapes: Vec<_> = planned.iter().map(|row| row.output.to_string()).collect();
    assert_eq!(shapes[2], "64 x 13 x 13");
    assert_eq!(shapes[8], "256 x 1 x 1");
    assert_eq!(planned[1].label, "conv 64, 3 x 3, relu");
}

/// Experiment B: a hidden layer of 128 for each cell.
#[test]
fn rows_of_128() {
    for (cell, gates) in [(RecurrentCell::RnnTanh, 1), (RecurrentCell::Lstm, 4), (RecurrentCell::Gru, 3)] {
        let layers = [rows(), stack(cell, 128, 1, Reset::After), dense(10)];
        assert_eq!(counts(&layers, Convention::Torch, INPUT), [0, gates * 20_224, 1_290]);
    }
}

/// Bias vectors as PyTorch's, Keras's and TensorFlow 1's own layers have them.
#[test]
fn biases_by_convention() {
    let of = |cell, reset, convention| {
        counts(&[rows(), stack(cell, 32, 1, reset), dense(10)], convention, INPUT)[1]
    };
    let weights = 32 * (28 + 32);
    assert_eq!(of(RecurrentCell::RnnTanh, Reset::After, Convention::Torch), weights + 64);
    assert_eq!(of(RecurrentCell::RnnTanh, Reset::After, Convention::Keras), weights + 32);
    assert_eq!(of(RecurrentCell::Lstm, Reset::After, Convention::Torch), 4 * (weights + 64));
    assert_eq!(of(RecurrentCell::Lstm, Reset::After, Convention::Keras), 4 * (weights + 32));
    assert_eq!(of(RecurrentCell::RnnTanh, Reset::After, Convention::Tf1), weights + 32);
    assert_eq!(of(RecurrentCell::Lstm, Reset::After, Convention::Tf1), 4 * (weights + 32));
    for convention in [Convention::Torch, Convention::Keras, Convention::Tf1] {
        assert_eq!(of(RecurrentCell::Gru, Reset::After, convention), 3 * (weights + 64));
        assert_eq!(of(RecurrentCell::Gru, Reset::Before, convention), 3 * (weights + 32));
    }
}

#[test]
fn both_directions_feed_the_next_layer() {
    let mut layer = stack(RecurrentCell::Lstm, 16, 2, Reset::After);
    if let Layer::Recurrent(Recurrent { bidirectional, .. }) = &mut layer {
        *bidirectional = true;
    }
    let planned = plan(&[rows(), layer, dense(10)], Convention::Torch, INPUT, CLASSES).unwrap();
    assert_eq!(planned[1].output, Shape::Sequence { steps: 28, features: 32 });
    assert_eq!(planned[2].parameters, 2 * 4 * 16 * (32 + 16 + 2));
    assert_eq!(planned[2].output, Shape::Vector { features: 32 });
    assert_eq!(planned[2].label, "lstm 16, both ways (2 of 2)");
    assert_eq!(planned.iter().map(|row| row.layer).collect::<Vec<_>>(), [0, 1, 1, 2]);
}

#[test]
fn convolution_read_as_a_sequence() {
    let layers = [
        conv(8, Padding::Valid),
        pool(),
        Layer::BatchNorm(BatchNorm { momentum: 0.1, eps: 1e-5 }),
        Layer::Sequence(Sequence { by: ReadBy::Columns }),
        every(stack(RecurrentCell::Gru, 32, 1, Reset::After)),
        dense(10),
    ];
    let planned = plan(&layers, Convention::Torch, INPUT, CLASSES).unwrap();
    let table: Vec<_> = planned.iter().map(|row| (row.output.to_string(), row.parameters)).collect();
    assert_eq!(
        table,
        [
            ("8 x 26 x 26".to_owned(), 80),
            ("8 x 13 x 13".to_owned(), 0),
            ("8 x 13 x 13".to_owned(), 16),
            ("13 x 104".to_owned(), 0),
            ("13 x 32".to_owned(), 3 * 32 * (104 + 32 + 2)),
            ("13 x 10".to_owned(), 330),
        ]
    );
}

#[test]
fn same_padding_keeps_an_image_smaller_than_its_kernel() {
    let tiny = Shape::Image { channels: 1, height: 2, width: 1 };
    let layers = [conv(4, Padding::Same), Layer::Flatten(Flatten), dense(10)];
    assert_eq!(counts(&layers, Convention::Torch, tiny), [40, 0, 90]);
}

#[test]
fn what_is_no_network() {
    let refused = |layers: &[Layer]| plan(layers, Convention::Torch, INPUT, CLASSES).unwrap_err().to_string();
    let lstm = || stack(RecurrentCell::Lstm, 8, 1, Reset::After);
    let strided = Layer::Conv(Conv {
        filters: 8,
        kernel: [2, 3],
        stride: [1, 2],
        padding: Padding::Same,
        activation: Activation::Linear,
        bias: true,
        l2: 0.0,
    });
    let huge = Layer::MaxPool(MaxPool(Window { size: [29, 1], stride: [1, 1] }));
    let messages = [
        refused(&[dense(10)]),
        refused(&[lstm(), dense(10)]),
        refused(&[rows(), lstm(), lstm(), dense(10)]),
        refused(&[Layer::Flatten(Flatten), Layer::Flatten(Flatten)]),
        refused(&[Layer::Flatten(Flatten), conv(1, Padding::Same)]),
        refused(&[Layer::Flatten(Flatten), rows()]),
        refused(&[rows(), rows()]),
        refused(&[strided]),
        refused(&[huge]),
        refused(&[rows(), stack(RecurrentCell::Lstm, 8, 1, Reset::Before), dense(10)]),
        refused(&[Layer::Flatten(Flatten), dense(0)]),
        refused(&[conv(WIDEST, Padding::Same)]),
        refused(&[Layer::Flatten(Flatten), dense(9)]),
        refused(&[]),
    ];
    insta::assert_snapshot!(messages.join("\n"));
}

/// A block of ResNet (He et al. 2016): two 3 x 3 convolutions beside a 1 x 1 convolution without a bias.
#[test]
fn a_residual_counts_its_chain_and_its_projection() {
    let block = Layer::Residual(Residual {
        layers: vec![conv(8, Padding::Same), conv(8, Padding::Same)],
        projection: Some(Projection { stride: [1, 1], bias: false, l2: 0.0 }),
        activation: Activation::Relu,
    });
    let layers = [conv(4, Padding::Same), block, Layer::GlobalAvgPool(GlobalAvgPool), dense(10)];
    assert_eq!(counts(&layers, Convention::Torch, INPUT), [40, 9 * 4 * 8 + 8, 9 * 8 * 8 + 8, 4 * 8, 0, 90]);
    let planned = plan(&layers, Convention::Torch, INPUT, CLASSES).unwrap();
    let labels: Vec<&str> = planned[1..4].iter().map(|row| row.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "residual: conv 8, 3 x 3, same, relu",
            "residual: conv 8, 3 x 3, same, relu",
            "residual: projection, conv 8, 1 x 1"
        ]
    );
    assert_eq!(planned.iter().map(|row| row.layer).collect::<Vec<_>>(), [0, 1, 1, 1, 2, 3]);
}

#[test]
fn a_residual_whose_shapes_differ_says_what_to_do() {
    let block =
        |layers, projection| Layer::Residual(Residual { layers, projection, activation: Activation::Linear });
    let stride = |stride| Some(Projection { stride: [stride; 2], bias: true, l2: 0.0 });
    let refused = |layers: &[Layer]| plan(layers, Convention::Torch, INPUT, CLASSES).unwrap_err().to_string();
    let wider = block(vec![conv(8, Padding::Same)], None);
    let smaller = block(vec![conv(8, Padding::Same), pool()], stride(1));
    let strided = block(vec![dense(10)], stride(2));
    let flat = Layer::Flatten(Flatten);
    let norm = Layer::LayerNorm(LayerNorm { eps: 1e-5 });
    let messages = [
        refused(&[wider]),
        refused(&[smaller]),
        refused(&[flat, strided]),
        refused(&[norm]),
        refused(&[rows(), Layer::GlobalAvgPool(GlobalAvgPool)]),
    ];
    insta::assert_snapshot!(messages.join("\n"), @r"
    the chain hands on 8 x 28 x 28, the shortcut 1 x 28 x 28; give it projection = {}, or with a stride, as in projection = { stride = 2 }
    the chain hands on 8 x 14 x 14, the shortcut 8 x 28 x 28; give it projection = {}, or with a stride, as in projection = { stride = 2 }
    `residual` cannot take a vector (784); leave out the projection's stride, which is for images
    `layer-norm` cannot take an image (1 x 28 x 28); flatten the image or read it as a sequence before it
    `global-avg-pool` cannot take a sequence (28 x 28); put it before the image is flattened or read as a sequence
    ");
}

#[test]
fn layer_norm_scales_and_shifts_each_feature() {
    let norm = Layer::LayerNorm(LayerNorm { eps: 1e-5 });
    let layers = [rows(), norm, every(stack(RecurrentCell::Lstm, 8, 1, Reset::After)), dense(10)];
    assert_eq!(counts(&layers, Convention::Torch, INPUT)[1], 2 * 28);
}
