//! `layer-norm`: layer normalization (Ba, Kiros and Hinton 2016).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::{TomlTable, Within, number};
use crate::recipe::convention::Convention;
use crate::recipe::shape::{LayerPlan, Shape, ShapeError};
use crate::valid::{Valid, positive};

/// Layer normalization over the features of a vector, or of each step of a sequence, with a trained scale and shift a
/// feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayerNorm {
    /// Added to the variance.
    pub eps: f64,
}

impl LayerKind for LayerNorm {
    const WORDS: &'static [&'static str] = &["layer-norm"];

    /// PyTorch's eps is 1e-5, Keras's 1e-3.
    fn read(_: &str, table: &mut TomlTable<'_>, inherited: LayerDefaults) -> Option<Self> {
        let eps = match inherited.convention {
            Convention::Torch => 1e-5,
            Convention::Keras | Convention::Tf1 => 1e-3,
        };
        table.or("eps", eps, number(Within::Positive)).map(|eps| LayerNorm { eps })
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        match place.input {
            Shape::Image { .. } => place.refuse("flatten the image or read it as a sequence before it"),
            input => place.only(self.label(), input, 2 * u64::from(input.features())),
        }
    }

    fn validate(&self) -> Valid {
        positive("eps", self.eps)
    }

    fn kernels(&self) -> Vec<&'static str> {
        vec!["layer-norm"]
    }
}
