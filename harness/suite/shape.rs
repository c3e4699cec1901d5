//! The shape after every layer and its trainable parameters: arithmetic, without a tensor.
//!
//! This is the one place that knows them; the engine builds what is planned here.

use std::fmt;

use super::case::{Activation, Cell, Convention, DataPlan, Layer, Output, Padding, ReadBy, Reset};

/// Classes of every dataset.
pub const CLASSES: u32 = 10;
/// Height and width of every dataset's images.
pub const SIDE: u32 = 28;
/// Units, filters and window sizes go up to here.
pub const WIDEST: u32 = 65_536;
/// Values of one sample after a layer go up to here.
const LARGEST: u64 = 1 << 24;

/// One sample between two layers, without the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Grey image or feature map.
    Image {
        /// Maps.
        channels: u32,
        /// Down.
        height: u32,
        /// Across.
        width: u32,
    },
    /// Feature vectors in order.
    Sequence {
        /// How many.
        steps: u32,
        /// Of each.
        features: u32,
    },
    /// One feature vector.
    Vector {
        /// Its length.
        features: u32,
    },
}

impl Shape {
    /// What the first layer sees.
    pub fn of_input(data: &DataPlan) -> Shape {
        let [height, width] = data.resize.unwrap_or([SIDE, SIDE]);
        Shape::Image { channels: 1, height, width }
    }

    /// Values of one sample.
    pub fn values(self) -> u64 {
        match self {
            Shape::Image { channels, height, width } => {
                u64::from(channels).saturating_mul(u64::from(height)).saturating_mul(u64::from(width))
            }
            Shape::Sequence { steps, features } => u64::from(steps) * u64::from(features),
            Shape::Vector { features } => features.into(),
        }
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
    /// What it takes.
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
        /// What to do.
        advice: &'static str,
    },
    /// A window is larger than the image.
    #[error("a window of {} x {} does not fit into {input}; make it smaller, or pool less before it", window[0], window[1])]
    Window {
        /// Index of the layer.
        layer: usize,
        /// Height and width.
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
        /// Height and width.
        kernel: [u32; 2],
        /// Down and across.
        stride: [u32; 2],
    },
    /// A size of nothing, or of too much.
    #[error("{field} = {value} is out of range; give 1 to {WIDEST}")]
    Size {
        /// Index of the layer.
        layer: usize,
        /// Which of its sizes.
        field: &'static str,
        /// The size.
        value: u32,
    },
    /// Nothing, or more values than a layer can sensibly take or hand on.
    #[error("{values} values a sample; give 1 to {LARGEST}")]
    Values {
        /// Index of the layer.
        layer: usize,
        /// How many.
        values: u64,
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
    /// Index of the layer at fault; none where it is the whole.
    pub fn layer(&self) -> Option<usize> {
        match *self {
            ShapeError::Input { layer, .. }
            | ShapeError::Window { layer, .. }
            | ShapeError::Same { layer, .. }
            | ShapeError::Size { layer, .. }
            | ShapeError::Values { layer, .. }
            | ShapeError::Reset { layer } => Some(layer),
            ShapeError::End { .. } => None,
        }
    }
}

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

/// All trainable parameters of a planned network.
pub fn parameters(rows: &[LayerPlan]) -> u64 {
    rows.iter().fold(0, |sum, row| sum.saturating_add(row.parameters))
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

/// What tells a layer from others of its kind, in a few words.
fn label(layer: &Layer) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::case::Implementation;

    const INPUT: Shape = Shape::Image { channels: 1, height: 28, width: 28 };

    fn dense(units: u32) -> Layer {
        Layer::Dense { units, activation: Activation::Linear, bias: true, l2: 0.0 }
    }

    fn conv(filters: u32, padding: Padding) -> Layer {
        Layer::Conv {
            filters,
            kernel: [3, 3],
            stride: [1, 1],
            padding,
            activation: Activation::Relu,
            bias: true,
            l2: 0.0,
        }
    }

    fn pool() -> Layer {
        Layer::MaxPool { size: [2, 2], stride: [2, 2] }
    }

    fn stack(cell: Cell, units: u32, layers: u32, reset: Reset) -> Layer {
        Layer::Recurrent {
            cell,
            units,
            layers,
            bidirectional: false,
            output: Output::Last,
            reset,
            implementation: Implementation::Library,
            l2: 0.0,
        }
    }

    fn every(mut layer: Layer) -> Layer {
        if let Layer::Recurrent { output, .. } = &mut layer {
            *output = Output::Every;
        }
        layer
    }

    fn rows() -> Layer {
        Layer::Sequence { by: ReadBy::Rows }
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
            let layers = [Layer::Sequence { by }, stack(Cell::Lstm, 8, 3, Reset::After), dense(10)];
            let counts = counts(&layers, Convention::Keras, small);
            assert_eq!(counts, [0, first, 544, 544, 90]);
            assert_eq!(counts.iter().sum::<u64>(), whole);
        }
    }

    /// Experiment D.
    #[test]
    fn two_layers_of_128() {
        let layers = [rows(), stack(Cell::Lstm, 128, 2, Reset::After), dense(10)];
        assert_eq!(counts(&layers, Convention::Torch, INPUT), [0, 80_896, 132_096, 1_290]);
        assert_eq!(count(&layers, Convention::Torch), 214_282);
    }

    /// Experiment E: dense networks.
    #[test]
    fn dense_networks() {
        for (widths, whole) in
            [(vec![10, 10], 7_960), (vec![10, 128, 10], 10_548), (vec![10], 7_850), (vec![128, 10], 101_770)]
        {
            let mut layers = vec![Layer::Flatten];
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
        layers.extend([Layer::Flatten, dense(1024), dense(512), dense(10)]);
        assert_eq!(count(&layers, Convention::Keras), 1_937_354);
        let planned = plan(&layers, Convention::Keras, INPUT, CLASSES).unwrap();
        let shapes: Vec<_> = planned.iter().map(|row| row.output.to_string()).collect();
        assert_eq!(shapes[2], "64 x 13 x 13");
        assert_eq!(shapes[8], "256 x 1 x 1");
        assert_eq!(planned[1].label, "conv 64, 3 x 3, relu");
    }

    /// Bias vectors as PyTorch's and Keras's own layers have them.
    #[test]
    fn biases_by_convention() {
        let of = |cell, reset, convention| {
            counts(&[rows(), stack(cell, 32, 1, reset), dense(10)], convention, INPUT)[1]
        };
        let weights = 32 * (28 + 32);
        assert_eq!(of(Cell::RnnTanh, Reset::After, Convention::Torch), weights + 64);
        assert_eq!(of(Cell::RnnTanh, Reset::After, Convention::Keras), weights + 32);
        assert_eq!(of(Cell::Lstm, Reset::After, Convention::Torch), 4 * (weights + 64));
        assert_eq!(of(Cell::Lstm, Reset::After, Convention::Keras), 4 * (weights + 32));
        for convention in [Convention::Torch, Convention::Keras] {
            assert_eq!(of(Cell::Gru, Reset::After, convention), 3 * (weights + 64));
            assert_eq!(of(Cell::Gru, Reset::Before, convention), 3 * (weights + 32));
        }
    }

    #[test]
    fn both_directions_feed_the_next_layer() {
        let mut layer = stack(Cell::Lstm, 16, 2, Reset::After);
        if let Layer::Recurrent { bidirectional, .. } = &mut layer {
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
            Layer::BatchNorm { momentum: 0.1, eps: 1e-5 },
            Layer::Sequence { by: ReadBy::Columns },
            every(stack(Cell::Gru, 32, 1, Reset::After)),
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
        let layers = [conv(4, Padding::Same), Layer::Flatten, dense(10)];
        assert_eq!(counts(&layers, Convention::Torch, tiny), [40, 0, 90]);
    }

    #[test]
    fn what_is_no_network() {
        let refused =
            |layers: &[Layer]| plan(layers, Convention::Torch, INPUT, CLASSES).unwrap_err().to_string();
        let lstm = || stack(Cell::Lstm, 8, 1, Reset::After);
        let strided = Layer::Conv {
            filters: 8,
            kernel: [2, 3],
            stride: [1, 2],
            padding: Padding::Same,
            activation: Activation::Linear,
            bias: true,
            l2: 0.0,
        };
        let huge = Layer::MaxPool { size: [29, 1], stride: [1, 1] };
        let messages = [
            refused(&[dense(10)]),
            refused(&[lstm(), dense(10)]),
            refused(&[rows(), lstm(), lstm(), dense(10)]),
            refused(&[Layer::Flatten, Layer::Flatten]),
            refused(&[Layer::Flatten, conv(1, Padding::Same)]),
            refused(&[Layer::Flatten, rows()]),
            refused(&[rows(), rows()]),
            refused(&[strided]),
            refused(&[huge]),
            refused(&[rows(), stack(Cell::Lstm, 8, 1, Reset::Before), dense(10)]),
            refused(&[Layer::Flatten, dense(0)]),
            refused(&[conv(WIDEST, Padding::Same)]),
            refused(&[Layer::Flatten, dense(9)]),
            refused(&[]),
        ];
        insta::assert_snapshot!(messages.join("\n"));
    }
}
