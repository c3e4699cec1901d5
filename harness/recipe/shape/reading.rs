//! How a network reads an image, step by step.

use super::network::plan_of;
use super::{Shape, ShapeError};
use crate::recipe::layers::LayerKind;
use crate::recipe::layers::flatten::Flatten;
use crate::recipe::layers::recurrent::Recurrent;
use crate::recipe::layers::sequence::Sequence;
use crate::recipe::{Experiment, Layer, Output, ReadBy};

/// How a recurrent network reads an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Index of the layer that makes a sequence of an image or feature map.
    pub sequence: usize,
    /// The order in which it is read.
    pub by: ReadBy,
    /// Height and width of what it reads.
    pub grid: [u32; 2],
    /// The number of time steps.
    pub steps: u32,
    /// Indices of the recurrent layers; at least one.
    pub recurrent: Vec<usize>,
    /// Index of a layer that takes the outputs of all time steps at once.
    all_at_once: Option<usize>,
}

/// Why a network cannot be followed step by step.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// Nothing reads step by step.
    #[error("it has no recurrent layer; its layers are {layers}")]
    NotRecurrent {
        /// The kinds of its layers, joined by commas.
        layers: String,
    },
    /// What follows the recurrent layers cannot do with fewer steps.
    #[error(
        "it has no answer before the last time step, because its layer {layer} (`flatten`) takes all at once"
    )]
    AllAtOnce {
        /// Index of the layer.
        layer: usize,
    },
    /// It is no network.
    #[error(transparent)]
    Shape(#[from] ShapeError),
}

impl Reading {
    /// Returns how the network of `experiment` reads an image.
    ///
    /// # Errors
    /// Where it has no recurrent layer.
    pub fn of(experiment: &Experiment) -> Result<Reading, ReadingError> {
        let layers = &experiment.layers;
        let recurrent: Vec<usize> =
            positions(layers, |layer| matches!(layer, Layer::Recurrent(Recurrent { .. })));
        for row in plan_of(experiment)? {
            if let (Some(Layer::Sequence(Sequence { by })), Some(&last)) =
                (layers.get(row.layer), recurrent.last())
                && let (Shape::Image { height, width, .. }, Shape::Sequence { steps, .. }) =
                    (row.input, row.output)
            {
                let every = matches!(layers[last], Layer::Recurrent(Recurrent { output: Output::Every, .. }));
                let flat = positions(layers, |layer| matches!(layer, Layer::Flatten(Flatten)));
                let all_at_once = flat.into_iter().find(|&index| every && index > last);
                let sequence = row.layer;
                let by = *by;
                let grid = [height, width];
                return Ok(Reading { sequence, by, grid, steps, recurrent, all_at_once });
            }
        }
        Err(ReadingError::NotRecurrent {
            layers: layers.iter().map(LayerKind::word).collect::<Vec<_>>().join(", "),
        })
    }

    /// Whether the network has an answer after every time step.
    ///
    /// # Errors
    /// Where it has none.
    pub fn answers_every_step(&self) -> Result<(), ReadingError> {
        self.all_at_once.map_or(Ok(()), |layer| Err(ReadingError::AllAtOnce { layer }))
    }
}

fn positions(layers: &[Layer], wanted: fn(&Layer) -> bool) -> Vec<usize> {
    layers.iter().enumerate().filter(|(_, layer)| wanted(layer)).map(|(index, _)| index).collect()
}
