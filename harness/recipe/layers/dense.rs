//! `dense`: a fully connected layer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::activation::Activation;
use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::{TomlTable, Within, count, flag, number, word};
use crate::recipe::shape::{LayerPlan, Shape, ShapeError, WIDEST};
use crate::valid::{Valid, not_negative};

/// Vector to vector, or step by step along a sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dense {
    /// The number of output features.
    pub units: u32,
    /// The function that is applied to the product.
    pub activation: Activation,
    /// With a bias vector.
    pub bias: bool,
    /// L2 penalty l: l times the sum of the squared kernel is added to the loss.
    pub l2: f64,
}

impl LayerKind for Dense {
    const WORDS: &'static [&'static str] = &["dense"];

    fn read(_: &str, table: &mut TomlTable<'_>, inherited: LayerDefaults) -> Option<Self> {
        let units = table.required("units", count(WIDEST));
        let activation = table.or("activation", Activation::Linear, word);
        let bias = table.or("bias", true, flag);
        let l2 = table.or("l2", inherited.l2, number(Within::NotNegative));
        Some(Dense { units: units?, activation: activation?, bias: bias?, l2: l2? })
    }

    fn label(&self) -> String {
        format!("{} {}{}", self.word(), self.units, self.activation.suffix())
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        let features = self.units;
        let output = match place.input {
            Shape::Image { .. } => return place.refuse("put { kind = \"flatten\" } before it"),
            Shape::Sequence { steps, .. } => Shape::Sequence { steps, features },
            Shape::Vector { .. } => Shape::Vector { features },
        };
        let fan_in = u64::from(place.input.features());
        let parameters = place.size("units", self.units)? * (fan_in + u64::from(self.bias));
        place.only(self.label(), output, parameters)
    }

    fn validate(&self) -> Valid {
        not_negative("l2", self.l2)
    }

    fn l2(&self) -> f64 {
        self.l2
    }

    fn kernels(&self) -> Vec<&'static str> {
        let products = ["linear", "linear-large", "linear-small", "sum-columns"];
        products.into_iter().chain(self.activation.kernel()).collect()
    }
}
