//! What a worker is asked of a network, and what it says, row by row.

use serde::{Deserialize, Serialize};

/// What is asked of a network. A sample is named by its index in the dataset's test split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "view", rename_all = "kebab-case")]
pub enum View {
    /// The probabilities of the classes after each of the last so many time steps: answered by
    /// [`Insight::Step`]s.
    Steps {
        /// The samples, by their index in the test set.
        samples: Vec<u32>,
        /// All steps where none is given.
        last: Option<u32>,
    },
    /// The accuracy over the trial's test samples after each of the last so many time steps: answered
    /// by [`Insight::Accuracy`].
    Accuracies {
        /// The number of last steps.
        last: u32,
    },
    /// What the recurrent layers hold at every time step: answered by [`Insight::State`]s.
    States {
        /// The sample, by its index in the test set.
        sample: u32,
    },
    /// How much the last output depends on each input: answered by [`Insight::Gradient`]s.
    Gradients {
        /// The samples over which it is averaged.
        samples: Vec<u32>,
    },
    /// What it takes the trial's test samples for: answered by [`Insight::Prediction`]s.
    Predictions,
}

/// A row of an answer. Steps are counted from 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case")]
pub enum Insight {
    /// The network that is given only the first `step` time steps of a sample.
    Step {
        /// Index in the test split.
        sample: u32,
        /// The number of steps that were read.
        step: u32,
        /// The probability of each class.
        probabilities: Vec<f32>,
    },
    /// Over the trial's test samples, of each only the first `step` time steps.
    Accuracy {
        /// The number of steps that were read.
        step: u32,
        /// The fraction of samples that are classified right.
        accuracy: f64,
    },
    /// What one part of a recurrent layer holds at a time step.
    State {
        /// Index of the layer, and which of its stack: `2.l0`, `2.l1_reverse`.
        layer: String,
        /// The part of the cell.
        part: Part,
        /// In the order of the image; a reverse layer begins with the last.
        step: u32,
        /// The values, one for each unit.
        values: Vec<f32>,
    },
    /// The mean over samples of the Frobenius norm of the Jacobian of the last output h_T by the input
    /// x of a time step.
    Gradient {
        /// The step whose input it is.
        step: u32,
        /// Computed in double precision.
        norm: f64,
    },
    /// One of the trial's test samples.
    Prediction {
        /// Index in the test split.
        sample: u32,
        /// The class of the sample.
        label: u16,
        /// The probability of each class.
        probabilities: Vec<f32>,
    },
}

/// A part of a recurrent cell, as in the equations in `engine::layers::cells`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// An LSTM's input gate i.
    Input,
    /// An LSTM's forget gate f.
    Forget,
    /// An LSTM's output gate o.
    Output,
    /// A GRU's reset gate r.
    Reset,
    /// A GRU's update gate z: how much of the state before stays.
    Update,
    /// An LSTM's g or a GRU's n: what may enter the state.
    Candidate,
    /// An LSTM's cell state c.
    Cell,
    /// The output h of the cell.
    Hidden,
}
