//! `batch-norm`: batch normalization (Ioffe and Szegedy 2015).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::{TomlTable, Within, number};
use crate::recipe::convention::Convention;
use crate::recipe::shape::{LayerPlan, ShapeError};
use crate::valid::{Valid, fraction, positive};

/// Batch normalization over channels or features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchNorm {
    /// Weight of the new value in the running mean (PyTorch's sense).
    pub momentum: f64,
    /// Added to the variance.
    pub eps: f64,
}

impl LayerKind for BatchNorm {
    const WORDS: &'static [&'static str] = &["batch-norm"];

    /// PyTorch's momentum is 0.1 and its eps 1e-5; Keras's are 0.99 (in PyTorch's sense 0.01) and 1e-3.
    fn read(_: &str, table: &mut TomlTable<'_>, inherited: LayerDefaults) -> Option<Self> {
        let (momentum, eps) = match inherited.convention {
            Convention::Torch => (0.1, 1e-5),
            Convention::Keras | Convention::Tf1 => (0.01, 1e-3),
        };
        let momentum = table.or("momentum", momentum, number(Within::UpTo(1.0)));
        let eps = table.or("eps", eps, number(Within::Positive));
        Some(BatchNorm { momentum: momentum?, eps: eps? })
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        place.only(self.label(), place.input, 2 * u64::from(place.input.features()))
    }

    fn validate(&self) -> Valid {
        fraction("momentum", self.momentum)?;
        positive("eps", self.eps)
    }

    fn kernels(&self) -> Vec<&'static str> {
        vec!["batch-norm", "batch-norm-steps"]
    }

    fn normalizes_batches(&self) -> bool {
        true
    }
}
