//! Walks a network from its input to its logits.

use super::label::{kind, label};
use super::{LARGEST, LayerPlan, Shape, ShapeError, WIDEST};
use crate::recipe::{Cell, Convention, Layer, Output, Padding, ReadBy, Reset};

/// The table of a network: one row a layer, and one for each of a stack of recurrent layers.
///
/// # Errors
/// Where a layer cannot take its input, or the last does not hand on `classes` logits (at the
/// end, or at every step).
pub fn plan(
    layers: &[Layer],
    convention: Convention,
    input: Shape,
    classes: u32,
) -> Result<Vec<LayerPlan>, ShapeError> {
    let mut rows: Vec<LayerPlan> = Vec::with_capacity(layers.len());
    let mut input = match input.values() {
        1..=LARGEST => input,
        values => return Err(ShapeError::Values { layer: 0, values }),
    };
    for (index, layer) in layers.iter().enumerate() {
        let at = At { index, kind: kind(layer), input };
        let (output, parameters) = match *layer {
            Layer::Flatten => at.flatten()?,
            Layer::Dense { units, bias, .. } => at.dense(units, bias)?,
            Layer::Conv { filters, kernel, stride, padding, bias, .. } => {
                at.conv(filters, kernel, stride, padding, bias)?
            }
            Layer::BatchNorm { .. } => (input, 2 * u64::from(input.features())),
            Layer::MaxPool { size, stride } | Layer::AvgPool { size, stride } => at.pool(size, stride)?,
            Layer::Dropout { .. } | Layer::Activation { .. } => (input, 0),
            Layer::Sequence { by } => at.sequence(by)?,
            Layer::Recurrent { cell, reset: Reset::Before, .. } if cell != Cell::Gru => {
                return Err(ShapeError::Reset { layer: index });
            }
            Layer::Recurrent { cell, units, layers, bidirectional, output, reset, .. } => {
                let biases = bias_vectors(cell, reset, convention);
                let stack = at.recurrent(cell, units, layers, bidirectional, output, biases)?;
                input = stack.last().map_or(input, |row| row.output);
                rows.extend(stack);
                continue;
            }
        };
        rows.push(LayerPlan { layer: index, label: label(layer), input, output, parameters });
        input = output;
    }
    match input {
        Shape::Vector { features } | Shape::Sequence { features, .. } if features == classes => Ok(rows),
        output => Err(ShapeError::End { output, classes }),
    }
}

/// The bias vectors of a recurrent layer, each of (gates x units) values. PyTorch keeps one with
/// the input product and one with the recurrent product, Keras one; a GRU that resets after the
/// product needs both, one that resets before it only one, whatever the convention.
pub fn bias_vectors(cell: Cell, reset: Reset, convention: Convention) -> u32 {
    match (cell, reset, convention) {
        (Cell::Gru, Reset::After, _) => 2,
        (Cell::Gru, Reset::Before, _) => 1,
        (_, _, Convention::Torch) => 2,
        (_, _, Convention::Keras) => 1,
    }
}

/// Blocks of rows in a recurrent layer's matrices.
pub fn gates(cell: Cell) -> u32 {
    match cell {
        Cell::RnnTanh | Cell::RnnRelu => 1,
        Cell::Gru => 3,
        Cell::Lstm => 4,
    }
}

/// A layer, where it stands.
#[derive(Clone, Copy)]
struct At {
    index: usize,
    kind: &'static str,
    input: Shape,
}

impl At {
    fn refuse<T>(self, advice: &'static str) -> Result<T, ShapeError> {
        Err(ShapeError::Input { layer: self.index, kind: self.kind, input: self.input, advice })
    }

    fn size(self, field: &'static str, value: u32) -> Result<u64, ShapeError> {
        match value {
            1..=WIDEST => Ok(value.into()),
            _ => Err(ShapeError::Size { layer: self.index, field, value }),
        }
    }

    /// A shape that is not too large, and its parameters.
    fn yields(self, output: Shape, parameters: u64) -> Result<(Shape, u64), ShapeError> {
        match output.values() {
            ..=LARGEST => Ok((output, parameters)),
            values => Err(ShapeError::Values { layer: self.index, values }),
        }
    }

    fn flatten(self) -> Result<(Shape, u64), ShapeError> {
        let values = self.input.values();
        match (self.input, u32::try_from(values)) {
            (Shape::Vector { .. }, _) => self.refuse("leave it out, a vector is flat"),
            (_, Ok(features)) => self.yields(Shape::Vector { features }, 0),
            (_, Err(_)) => Err(ShapeError::Values { layer: self.index, values }),
        }
    }

    fn dense(self, units: u32, bias: bool) -> Result<(Shape, u64), ShapeError> {
        let output = match self.input {
            Shape::Image { .. } => return self.refuse("put { kind = \"flatten\" } before it"),
            Shape::Sequence { steps, .. } => Shape::Sequence { steps, features: units },
            Shape::Vector { .. } => Shape::Vector { features: units },
        };
        let fan_in = u64::from(self.input.features());
        self.yields(output, self.size("units", units)? * (fan_in + u64::from(bias)))
    }

    /// The height and width that a window leaves of an image.
    fn slide(self, window: [u32; 2], stride: [u32; 2]) -> Result<[u32; 2], ShapeError> {
        let [_, height, width] = self.image()?;
        for side in stride {
            self.size("stride", side)?;
        }
        for side in window {
            self.size("size", side)?;
        }
        match (height.checked_sub(window[0]), width.checked_sub(window[1])) {
            (Some(down), Some(across)) => Ok([down / stride[0] + 1, across / stride[1] + 1]),
            _ => Err(ShapeError::Window { layer: self.index, window, input: self.input }),
        }
    }

    /// Channels, height and width.
    fn image(self) -> Result<[u32; 3], ShapeError> {
        match self.input {
            Shape::Image { channels, height, width } => Ok([channels, height, width]),
            _ => self.refuse("put it before the image is flattened or read as a sequence"),
        }
    }

    fn conv(
        self,
        filters: u32,
        kernel: [u32; 2],
        stride: [u32; 2],
        padding: Padding,
        bias: bool,
    ) -> Result<(Shape, u64), ShapeError> {
        let [channels, height, width] = self.image()?;
        let area = self.size("kernel", kernel[0])? * self.size("kernel", kernel[1])?;
        let [height, width] = match padding {
            Padding::Valid => self.slide(kernel, stride)?,
            Padding::Same if stride == [1, 1] && kernel.iter().all(|side| side % 2 == 1) => [height, width],
            Padding::Same => return Err(ShapeError::Same { layer: self.index, kernel, stride }),
        };
        let fan_in = area * u64::from(channels);
        let parameters = self.size("filters", filters)?.saturating_mul(fan_in + u64::from(bias));
        self.yields(Shape::Image { channels: filters, height, width }, parameters)
    }

    fn pool(self, size: [u32; 2], stride: [u32; 2]) -> Result<(Shape, u64), ShapeError> {
        let [channels, ..] = self.image()?;
        let [height, width] = self.slide(size, stride)?;
        self.yields(Shape::Image { channels, height, width }, 0)
    }

    fn sequence(self, by: ReadBy) -> Result<(Shape, u64), ShapeError> {
        let (steps, features) = match (self.input, by) {
            (Shape::Image { channels, height, width }, ReadBy::Rows) => (height, channels * width),
            (Shape::Image { channels, height, width }, ReadBy::Columns) => (width, channels * height),
            (Shape::Image { channels, height, width }, ReadBy::Pixels) => (height * width, channels),
            (Shape::Sequence { .. }, _) => return self.refuse("leave it out"),
            (Shape::Vector { .. }, _) => return self.refuse("put it before the image is flattened"),
        };
        self.yields(Shape::Sequence { steps, features }, 0)
    }

    /// A row for each of the stack; the ones above the first take the hidden states of all
    /// directions below them.
    fn recurrent(
        self,
        cell: Cell,
        units: u32,
        layers: u32,
        bidirectional: bool,
        output: Output,
        biases: u32,
    ) -> Result<Vec<LayerPlan>, ShapeError> {
        let Shape::Sequence { steps, features } = self.input else {
            return self.refuse(match self.input {
                Shape::Image { .. } => "put { kind = \"sequence\", by = \"rows\" } before it",
                _ => "give every recurrent layer before it output = \"every\", and do not flatten",
            });
        };
        self.size("layers", layers)?;
        let wide = self.size("units", units)?;
        let directions = if bidirectional { 2 } else { 1 };
        let hidden = units * directions;
        let mut input = Shape::Sequence { steps, features };
        let mut rows = Vec::new();
        for nth in 1..=layers {
            let shape = match output {
                Output::Last if nth == layers => Shape::Vector { features: hidden },
                _ => Shape::Sequence { steps, features: hidden },
            };
            let fan_in = u64::from(input.features()) + wide + u64::from(biases);
            let parameters = u64::from(directions) * u64::from(gates(cell)) * wide * fan_in;
            let (output, parameters) = self.yields(shape, parameters)?;
            let both = if bidirectional { ", both ways" } else { "" };
            let which = if layers > 1 { format!(" ({nth} of {layers})") } else { String::new() };
            let label = format!("{} {units}{both}{which}", self.kind);
            rows.push(LayerPlan { layer: self.index, label, input, output, parameters });
            input = output;
        }
        Ok(rows)
    }
}
