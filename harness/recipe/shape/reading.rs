//! How a network reads an image or a sequence, step by step.

use super::network::plan_of;
use super::{Shape, ShapeError};
use crate::recipe::layers::LayerKind;
use crate::recipe::layers::flatten::Flatten;
use crate::recipe::layers::recurrent::Recurrent;
use crate::recipe::layers::sequence::Sequence;
use crate::recipe::{Experiment, Layer, Output, ReadBy};

/// How a recurrent network reads an image or a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Index of the first layer that takes a sequence: the one after that which makes it of an image or feature map, or
    /// the first of all where the samples are sequences.
    pub first: usize,
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
    /// Returns how the network of `experiment` reads a sample.
    ///
    /// # Errors
    /// Where it has no recurrent layer.
    pub fn of(experiment: &Experiment) -> Result<Reading, ReadingError> {
        let layers = &experiment.layers;
        let recurrent: Vec<usize> =
            positions(layers, |layer| matches!(layer, Layer::Recurrent(Recurrent { .. })));
        if let (Shape::Sequence { steps, features }, Some(&last)) =
            (experiment.data.input(), recurrent.last())
        {
            plan_of(experiment)?;
            let all_at_once = all_at_once(layers, last);
            // A sequence is shown with its steps across.
            let grid = [features, steps];
            return Ok(Reading { first: 0, by: ReadBy::Columns, grid, steps, recurrent, all_at_once });
        }
        for row in plan_of(experiment)? {
            if let (Some(Layer::Sequence(Sequence { by })), Some(&last)) =
                (layers.get(row.layer), recurrent.last())
                && let (Shape::Image { height, width, .. }, Shape::Sequence { steps, .. }) =
                    (row.input, row.output)
            {
                let first = row.layer + 1;
                let by = *by;
                let grid = [height, width];
                return Ok(Reading {
                    first,
                    by,
                    grid,
                    steps,
                    all_at_once: all_at_once(layers, last),
                    recurrent,
                });
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

/// Returns the index of a layer that takes the outputs of all time steps of the recurrent layer `last` at once, if there
/// is one.
fn all_at_once(layers: &[Layer], last: usize) -> Option<usize> {
    let every = matches!(layers[last], Layer::Recurrent(Recurrent { output: Output::Every, .. }));
    let flat = positions(layers, |layer| matches!(layer, Layer::Flatten(Flatten)));
    flat.into_iter().find(|&index| every && index > last)
}

fn positions(layers: &[Layer], wanted: fn(&Layer) -> bool) -> Vec<usize> {
    layers.iter().enumerate().filter(|(_, layer)| wanted(layer)).map(|(index, _)| index).collect()
}
