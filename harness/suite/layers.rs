//! A suite file's layers.

use serde::Deserialize;

use crate::reader::{Table, Value};
use crate::reader::{Within, count, flag, number, sides, word};
use crate::recipe::shape::WIDEST;
use crate::recipe::*;

/// What a file calls a layer.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Flatten,
    Dense,
    Conv,
    BatchNorm,
    MaxPool,
    AvgPool,
    Dropout,
    Activation,
    Sequence,
    Rnn,
    Lstm,
    Gru,
}

/// The most stacked layers.
const DEEPEST: u32 = 64;

/// Defaults that layers take from their case.
#[derive(Clone, Copy)]
pub(super) struct Inherited {
    pub convention: Convention,
    pub l2: f64,
}

/// A layer with all its constants.
pub(super) fn layer(value: &Value<'_>, inherited: Inherited) -> Option<Layer> {
    let mut table = value.table()?;
    let kind = table.required("kind", word::<Kind>)?;
    let layer = match kind {
        Kind::Flatten => Some(Layer::Flatten),
        Kind::Dense => dense(&mut table, inherited),
        Kind::Conv => conv(&mut table, inherited),
        Kind::BatchNorm => batch_norm(&mut table, inherited.convention),
        Kind::MaxPool => pool(&mut table).map(|(size, stride)| Layer::MaxPool { size, stride }),
        Kind::AvgPool => pool(&mut table).map(|(size, stride)| Layer::AvgPool { size, stride }),
        Kind::Dropout => table.required("rate", number(Within::BelowOne)).map(|rate| Layer::Dropout { rate }),
        Kind::Activation => table.required("function", word).map(|function| Layer::Activation { function }),
        Kind::Sequence => table.or("by", ReadBy::Rows, word).map(|by| Layer::Sequence { by }),
        Kind::Rnn => {
            let cell = table.or("activation", Activation::Tanh, word);
            let cell = cell.and_then(|function| match function {
                Activation::Tanh => Some(Cell::RnnTanh),
                Activation::Relu => Some(Cell::RnnRelu),
                _ => table.report("an rnn's activation is \"tanh\" or \"relu\""),
            });
            recurrent(&mut table, cell, Some(Reset::After), inherited)
        }
        Kind::Lstm => recurrent(&mut table, Some(Cell::Lstm), Some(Reset::After), inherited),
        Kind::Gru => {
            let reset = table.or("reset", Reset::After, word);
            recurrent(&mut table, Some(Cell::Gru), reset, inherited)
        }
    };
    table.finish();
    layer
}

fn dense(table: &mut Table<'_>, inherited: Inherited) -> Option<Layer> {
    let units = table.required("units", count(WIDEST));
    let activation = table.or("activation", Activation::Linear, word);
    let bias = table.or("bias", true, flag);
    let l2 = table.or("l2", inherited.l2, number(Within::NotNegative));
    Some(Layer::Dense { units: units?, activation: activation?, bias: bias?, l2: l2? })
}

fn conv(table: &mut Table<'_>, inherited: Inherited) -> Option<Layer> {
    let filters = table.required("filters", count(WIDEST));
    let kernel = table.or("kernel", [3, 3], sides(WIDEST));
    let stride = table.or("stride", [1, 1], sides(WIDEST));
    let padding = table.or("padding", Padding::Valid, word);
    let activation = table.or("activation", Activation::Linear, word);
    let bias = table.or("bias", true, flag);
    let l2 = table.or("l2", inherited.l2, number(Within::NotNegative));
    Some(Layer::Conv {
        filters: filters?,
        kernel: kernel?,
        stride: stride?,
        padding: padding?,
        activation: activation?,
        bias: bias?,
        l2: l2?,
    })
}

/// PyTorch's momentum 0.1 and eps 1e-5; Keras's 0.99 (in PyTorch's sense 0.01) and 1e-3.
fn batch_norm(table: &mut Table<'_>, convention: Convention) -> Option<Layer> {
    let (momentum, eps) = match convention {
        Convention::Torch => (0.1, 1e-5),
        Convention::Keras => (0.01, 1e-3),
    };
    let momentum = table.or("momentum", momentum, number(Within::UpTo(1.0)));
    let eps = table.or("eps", eps, number(Within::Positive));
    Some(Layer::BatchNorm { momentum: momentum?, eps: eps? })
}

fn pool(table: &mut Table<'_>) -> Option<([u32; 2], [u32; 2])> {
    let size = table.or("size", [2, 2], sides(WIDEST));
    let stride = table.or("stride", size.unwrap_or([2, 2]), sides(WIDEST));
    Some((size?, stride?))
}

fn recurrent(
    table: &mut Table<'_>,
    cell: Option<Cell>,
    reset: Option<Reset>,
    inherited: Inherited,
) -> Option<Layer> {
    let units = table.required("units", count(WIDEST));
    let layers = table.or("layers", 1, count(DEEPEST));
    let bidirectional = table.or("bidirectional", false, flag);
    let output = table.or("output", Output::Last, word);
    let implementation = table.or("implementation", Implementation::Fused, word);
    let l2 = table.or("l2", inherited.l2, number(Within::NotNegative));
    Some(Layer::Recurrent {
        cell: cell?,
        units: units?,
        layers: layers?,
        bidirectional: bidirectional?,
        output: output?,
        reset: reset?,
        implementation: implementation?,
        l2: l2?,
    })
}
