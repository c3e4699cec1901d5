//! Whose conventions an experiment follows.

use serde::{Deserialize, Serialize};

/// Whose initial values, bias vectors and constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Convention {
    /// The conventions of PyTorch.
    Torch,
    /// The conventions of Keras.
    Keras,
}
