//! `activation`: an elementwise function, alone or within another layer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::{TomlTable, word};
use crate::recipe::shape::{LayerPlan, ShapeError};

/// A function that is applied to each element.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// The identity, which leaves x as it is.
    Linear,
    /// The rectifier: max(0, x).
    Relu,
    /// The hyperbolic tangent of x.
    Tanh,
    /// 1 / (1 + exp(-x)).
    Sigmoid,
}

impl Activation {
    /// Returns its name as a suite file spells it.
    pub fn name(self) -> &'static str {
        match self {
            Activation::Linear => "linear",
            Activation::Relu => "relu",
            Activation::Tanh => "tanh",
            Activation::Sigmoid => "sigmoid",
        }
    }

    /// Returns what it adds to a layer's label; nothing if it is linear.
    pub fn suffix(self) -> String {
        match self {
            Activation::Linear => String::new(),
            _ => format!(", {}", self.name()),
        }
    }

    /// Returns the probe's kernel that computes it; `None` if it is linear.
    pub fn kernel(self) -> Option<&'static str> {
        (self != Activation::Linear).then(|| self.name())
    }
}

/// An elementwise function, as a layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Elementwise {
    /// The function that the layer applies.
    pub function: Activation,
}

impl LayerKind for Elementwise {
    const WORDS: &'static [&'static str] = &["activation"];

    fn read(_: &str, table: &mut TomlTable<'_>, _: LayerDefaults) -> Option<Self> {
        table.required("function", word).map(|function| Elementwise { function })
    }

    fn label(&self) -> String {
        self.function.name().to_owned()
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        place.only(self.label(), place.input, 0)
    }

    fn kernels(&self) -> Vec<&'static str> {
        self.function.kernel().into_iter().collect()
    }
}
