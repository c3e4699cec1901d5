//! The shape after every layer and its trainable parameters: arithmetic, without a tensor.
//!
//! This is the one place that knows them; the engine builds what is planned here.

mod network;
mod reading;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use network::{plan, plan_of};
pub use reading::{Reading, ReadingError};

/// Units, filters and window sizes go up to here.
pub const WIDEST: u32 = 65_536;
/// Values of one sample after a layer go up to here.
pub const LARGEST: u64 = 1 << 24;

/// One sample between two layers, without the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Shape {
    /// An image or a feature map.
    Image {
        /// The number of channels or maps.
        channels: u32,
        /// The height in pixels.
        height: u32,
        /// The width in pixels.
        width: u32,
    },
    /// Feature vectors in order.
    Sequence {
        /// The number of steps.
        steps: u32,
        /// The length of each feature vector.
        features: u32,
    },
    /// A vector of features.
    Vector {
        /// The length of the vector.
        features: u32,
    },
}

impl Shape {
    /// Returns the number of values of one sample.
    pub fn values(self) -> u64 {
        match self {
            Shape::Image { channels, height, width } => {
                u64::from(channels).saturating_mul(u64::from(height)).saturating_mul(u64::from(width))
            }
            Shape::Sequence { steps, features } => u64::from(steps) * u64::from(features),
            Shape::Vector { features } => features.into(),
        }
    }

    /// Returns whether it is an image or a feature map.
    pub fn is_image(self) -> bool {
        matches!(self, Shape::Image { .. })
    }

    /// Channels of an image, else the length of a feature vector.
    pub fn features(self) -> u32 {
        match self {
            Shape::Image { channels: features, .. }
            | Shape::Sequence { features, .. }
            | Shape::Vector { features } => features,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Shape::Image { .. } => "an image",
            Shape::Sequence { .. } => "a sequence",
            Shape::Vector { .. } => "a vector",
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Image { channels, height, width } => write!(f, "{channels} x {height} x {width}"),
            Shape::Sequence { steps, features } => write!(f, "{steps} x {features}"),
            Shape::Vector { features } => write!(f, "{features}"),
        }
    }
}

/// One row of a network's table: a layer, or one of a stack of recurrent layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerPlan {
    /// Index into the list of layers.
    pub layer: usize,
    /// For people: `conv 64, 3 x 3, same, relu`.
    pub label: String,
    /// The shape of what it takes.
    pub input: Shape,
    /// What it hands on.
    pub output: Shape,
    /// Trainable ones; batch normalisation's running mean and variance are none.
    pub parameters: u64,
}

/// Why a list of layers is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// A layer cannot take what the one before hands on.
    #[error("`{kind}` cannot take {} ({input}); {advice}", .input.word())]
    Input {
        /// Index of the layer.
        layer: usize,
        /// As a suite file names it.
        kind: &'static str,
        /// What it would have to take.
        input: Shape,
        /// What to do about it.
        advice: &'static str,
    },
    /// A window is larger than the image.
    #[error("a window of {} x {} does not fit into {input}; make it smaller, or pool less before it", window[0], window[1])]
    Window {
        /// Index of the layer.
        layer: usize,
        /// The height and width of the window.
        window: [u32; 2],
        /// What it would have to slide over.
        input: Shape,
    },
    /// `same` padding is for odd kernels and stride 1.
    #[error(
        "`same` padding wants an odd kernel and stride 1, not kernel {} x {} and stride {} x {}",
        kernel[0], kernel[1], stride[0], stride[1]
    )]
    Same {
        /// Index of the layer.
        layer: usize,
        /// The height and width of the kernel.
        kernel: [u32; 2],
        /// The steps between kernels, down and across.
        stride: [u32; 2],
    },
    /// A size of nothing, or of too much.
    #[error("{field} = {value} is out of range; give 1 to {WIDEST}")]
    Size {
        /// Index of the layer.
        layer: usize,
        /// Which of its sizes.
        field: &'static str,
        /// The size that was given.
        value: u32,
    },
    /// Nothing, or more values than a layer can sensibly take or hand on.
    #[error("{values} values a sample; give 1 to {LARGEST}")]
    Values {
        /// Index of the layer.
        layer: usize,
        /// The number of values of a sample.
        values: u64,
    },
    /// What a residual layer would add has two shapes.
    #[error(
        "the chain hands on {output}, the shortcut {shortcut}; give it projection = {{}}, or with a stride, as in \
         projection = {{ stride = 2 }}"
    )]
    Shortcut {
        /// Index of the layer.
        layer: usize,
        /// What the shortcut hands on.
        shortcut: Shape,
        /// What the chain hands on.
        output: Shape,
    },
    /// Only a GRU has a reset gate.
    #[error("reset = \"before\" is a GRU's; leave it out")]
    Reset {
        /// Index of the layer.
        layer: usize,
    },
    /// The last layer's output is no set of logits.
    #[error(
        "the network ends in {output}, but there are {classes} classes; end with {{ kind = \"dense\", units = {classes} }}"
    )]
    End {
        /// What it ends in.
        output: Shape,
        /// What is to be told apart.
        classes: u32,
    },
}

impl ShapeError {
    /// Returns the index of the layer at fault; `None` if it is the whole network.
    pub fn layer(&self) -> Option<usize> {
        match *self {
            ShapeError::Input { layer, .. }
            | ShapeError::Window { layer, .. }
            | ShapeError::Same { layer, .. }
            | ShapeError::Size { layer, .. }
            | ShapeError::Values { layer, .. }
            | ShapeError::Shortcut { layer, .. }
            | ShapeError::Reset { layer } => Some(layer),
            ShapeError::End { .. } => None,
        }
    }
}

/// Returns the number of trainable parameters of a planned network.
pub fn parameters(rows: &[LayerPlan]) -> u64 {
    rows.iter().fold(0, |sum, row| sum.saturating_add(row.parameters))
}
