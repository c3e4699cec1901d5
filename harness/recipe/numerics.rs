//! The numerics mode.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which kernels compute a trial, and so which machines give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Numerics {
    /// libtorch's, as fast as they are on this machine, and with bits that depend on it.
    Native,
    /// The planned step's: the same bits on every processor and on any number of threads.
    Portable,
}
