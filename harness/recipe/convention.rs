//! Whose conventions an experiment follows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whose initial values, bias vectors, constants and forms of optimizers (see docs/suites.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Convention {
    /// The conventions of PyTorch.
    Torch,
    /// The conventions of Keras.
    Keras,
    /// The conventions of TensorFlow 1: Keras's, but for recurrent layers and Adam's eps.
    Tf1,
}
