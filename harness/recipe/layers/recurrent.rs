//! `rnn`, `lstm` and `gru`: a stack of recurrent layers over a sequence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::activation::Activation;
use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::{TomlTable, Value, Within, count, flag, number, word};
use crate::recipe::convention::Convention;
use crate::recipe::shape::{LayerPlan, Shape, ShapeError, WIDEST};
use crate::valid::{Valid, not_negative};

/// What a recurrent layer computes at each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RecurrentCell {
    /// h' = tanh(W x + U h + b).
    RnnTanh,
    /// h' = relu(W x + U h + b).
    RnnRelu,
    /// Long short-term memory (Gers et al. 2000).
    Lstm,
    /// The gated recurrent unit (Cho et al. 2014).
    Gru,
}

/// Where a GRU's reset gate acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reset {
    /// On the product U h (PyTorch, cuDNN, Keras 2+): needs the recurrent bias apart.
    After,
    /// On h, before the product (Cho et al. 2014, TensorFlow 1): one bias.
    Before,
}

/// What a recurrent layer hands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// The final hidden state (of both directions, side by side).
    Last,
    /// The hidden state after every step: a sequence.
    Every,
}

/// Who computes a recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Implementation {
    /// Our own kernels on the CPU; on another device as `library`.
    Fused,
    /// libtorch's own kernel where it has one (a GRU that resets before has none and is computed
    /// from its equations).
    Library,
    /// Step by step from the cell's equations.
    Equations,
}

/// A stack of recurrent layers over a sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recurrent {
    /// What each layer of the stack computes.
    pub cell: RecurrentCell,
    /// Hidden width, each direction.
    pub units: u32,
    /// The number of layers in the stack.
    pub layers: u32,
    /// Both directions, side by side.
    pub bidirectional: bool,
    /// What is handed on.
    pub output: Output,
    /// A GRU's form; `after` for every other cell.
    pub reset: Reset,
    /// Whose kernels compute it.
    pub implementation: Implementation,
    /// L2 penalty on the input kernels.
    pub l2: f64,
}

/// The most stacked layers.
const DEEPEST: u32 = 64;

impl LayerKind for Recurrent {
    const WORDS: &'static [&'static str] = &["rnn", "lstm", "gru"];

    fn read(kind: &str, table: &mut TomlTable<'_>, inherited: LayerDefaults) -> Option<Self> {
        table.means("activation", "The function that is applied at each step.");
        let cell = match kind {
            "rnn" => match table.or("activation", Activation::Tanh, rnn_activation) {
                Some(Activation::Tanh) => Some(RecurrentCell::RnnTanh),
                Some(Activation::Relu) => Some(RecurrentCell::RnnRelu),
                Some(_) => table.report("an rnn's activation is \"tanh\" or \"relu\""),
                None => None,
            },
            "lstm" => Some(RecurrentCell::Lstm),
            _ => Some(RecurrentCell::Gru),
        };
        let reset = match kind {
            "gru" => table.or("reset", usual_reset(inherited.convention), word),
            _ => Some(Reset::After),
        };
        let units = table.required("units", count(WIDEST));
        let layers = table.or("layers", 1, count(DEEPEST));
        let bidirectional = table.or("bidirectional", false, flag);
        let output = table.or("output", Output::Last, word);
        let implementation = table.or("implementation", Implementation::Fused, word);
        let l2 = table.or("l2", inherited.l2, number(Within::NotNegative));
        Some(Recurrent {
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

    fn word(&self) -> &'static str {
        match self.cell {
            RecurrentCell::RnnTanh | RecurrentCell::RnnRelu => "rnn",
            RecurrentCell::Lstm => "lstm",
            RecurrentCell::Gru => "gru",
        }
    }

    /// A row for each of the stack; the ones above the first take the hidden states of all directions below them.
    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        if self.reset == Reset::Before && self.cell != RecurrentCell::Gru {
            return Err(ShapeError::Reset { layer: place.index });
        }
        let Shape::Sequence { steps, .. } = place.input else {
            return place.refuse(match place.input {
                Shape::Image { .. } => "put { kind = \"sequence\", by = \"rows\" } before it",
                _ => "give every recurrent layer before it output = \"every\", and do not flatten",
            });
        };
        place.size("layers", self.layers)?;
        let units = place.size("units", self.units)?;
        let directions = if self.bidirectional { 2 } else { 1 };
        let features = self.units * directions;
        let biases = bias_vectors(self.cell, self.reset, place.convention);
        let mut below = place;
        let mut rows = Vec::new();
        for nth in 1..=self.layers {
            let output = match self.output {
                Output::Last if nth == self.layers => Shape::Vector { features },
                _ => Shape::Sequence { steps, features },
            };
            let fan_in = u64::from(below.input.features()) + units + u64::from(biases);
            let parameters = u64::from(directions) * u64::from(gates(self.cell)) * units * fan_in;
            let both = if self.bidirectional { ", both ways" } else { "" };
            let which = if self.layers > 1 { format!(" ({nth} of {})", self.layers) } else { String::new() };
            let label = format!("{} {}{both}{which}", self.word(), self.units);
            rows.push(below.row(label, output, parameters)?);
            below.input = output;
        }
        Ok(rows)
    }

    fn validate(&self) -> Valid {
        not_negative("l2", self.l2)
    }

    fn l2(&self) -> f64 {
        self.l2
    }

    /// All of a cell's own, and what the cells written from their equations are made of.
    fn kernels(&self) -> Vec<&'static str> {
        let cell = match (self.cell, self.reset) {
            (RecurrentCell::RnnTanh, _) => "rnn-tanh",
            (RecurrentCell::RnnRelu, _) => "rnn-relu",
            (RecurrentCell::Lstm, _) => "lstm",
            (RecurrentCell::Gru, Reset::After) => "gru-reset-after",
            (RecurrentCell::Gru, Reset::Before) => "gru-reset-before",
        };
        let products = ["linear", "linear-large", "linear-small", "sum-columns"];
        let elementwise = ["add-mul", "relu", "sigmoid", "tanh"];
        let operations = products.into_iter().chain(elementwise);
        match self.implementation {
            Implementation::Fused => vec![cell],
            Implementation::Library | Implementation::Equations => operations.chain([cell]).collect(),
        }
    }

    fn is_of_libtorch(&self) -> bool {
        self.implementation != Implementation::Fused
    }
}

fn rnn_activation(value: &Value<'_>) -> Option<Activation> {
    value.says(|| json!({ "enum": [Activation::Tanh, Activation::Relu] }));
    word(value)
}

/// Returns the number of bias vectors of a recurrent layer, each of (gates x units) values. PyTorch keeps one with the
/// input product and one with the recurrent product, Keras and TensorFlow 1 one; a GRU that resets after the product
/// needs both, one that resets before it only one, whatever the convention.
pub fn bias_vectors(cell: RecurrentCell, reset: Reset, convention: Convention) -> u32 {
    match (cell, reset, convention) {
        (RecurrentCell::Gru, Reset::After, _) => 2,
        (RecurrentCell::Gru, Reset::Before, _) => 1,
        (_, _, Convention::Torch) => 2,
        (_, _, Convention::Keras | Convention::Tf1) => 1,
    }
}

/// Returns where the reset gate of a convention's own GRU acts.
fn usual_reset(convention: Convention) -> Reset {
    match convention {
        Convention::Torch | Convention::Keras => Reset::After,
        Convention::Tf1 => Reset::Before,
    }
}

/// Blocks of rows in a recurrent layer's matrices.
pub fn gates(cell: RecurrentCell) -> u32 {
    match cell {
        RecurrentCell::RnnTanh | RecurrentCell::RnnRelu => 1,
        RecurrentCell::Gru => 3,
        RecurrentCell::Lstm => 4,
    }
}
