//! What people call a layer.

use crate::recipe::{Activation, Cell, Layer, Padding, ReadBy};

/// A layer's kind as a suite file names it.
pub fn kind(layer: &Layer) -> &'static str {
    match layer {
        Layer::Flatten => "flatten",
        Layer::Dense { .. } => "dense",
        Layer::Conv { .. } => "conv",
        Layer::BatchNorm { .. } => "batch-norm",
        Layer::MaxPool { .. } => "max-pool",
        Layer::AvgPool { .. } => "avg-pool",
        Layer::Dropout { .. } => "dropout",
        Layer::Activation { .. } => "activation",
        Layer::Sequence { .. } => "sequence",
        Layer::Recurrent { cell: Cell::RnnTanh | Cell::RnnRelu, .. } => "rnn",
        Layer::Recurrent { cell: Cell::Lstm, .. } => "lstm",
        Layer::Recurrent { cell: Cell::Gru, .. } => "gru",
    }
}

/// What tells a layer from others of its kind, in a few words.
pub(super) fn label(layer: &Layer) -> String {
    let kind = kind(layer);
    match layer {
        Layer::Dense { units, activation, .. } => format!("{kind} {units}{}", suffix(*activation)),
        Layer::Conv { filters, kernel: [height, width], padding, activation, .. } => {
            let padding = match padding {
                Padding::Same => ", same",
                Padding::Valid => "",
            };
            format!("{kind} {filters}, {height} x {width}{padding}{}", suffix(*activation))
        }
        Layer::MaxPool { size: [height, width], .. } | Layer::AvgPool { size: [height, width], .. } => {
            format!("{kind} {height} x {width}")
        }
        Layer::Dropout { rate } => format!("{kind} {rate}"),
        Layer::Activation { function } => word_of(*function).to_owned(),
        Layer::Sequence { by } => match by {
            ReadBy::Rows => format!("{kind} by rows"),
            ReadBy::Columns => format!("{kind} by columns"),
            ReadBy::Pixels => format!("{kind} by pixels"),
        },
        Layer::Flatten | Layer::BatchNorm { .. } | Layer::Recurrent { .. } => kind.to_owned(),
    }
}

fn suffix(activation: Activation) -> String {
    match activation {
        Activation::Linear => String::new(),
        _ => format!(", {}", word_of(activation)),
    }
}

fn word_of(activation: Activation) -> &'static str {
    match activation {
        Activation::Linear => "linear",
        Activation::Relu => "relu",
        Activation::Tanh => "tanh",
        Activation::Sigmoid => "sigmoid",
    }
}
