//! `dropout` (Srivastava et al. 2014).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::{TomlTable, Within, number};
use crate::recipe::shape::{LayerPlan, ShapeError};
use crate::valid::{Valid, fraction};

/// Zeroes each value with probability `rate` while training and scales the others by 1 / (1 - rate).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// The probability of a zero, from 0 to below 1.
    pub rate: f64,
}

impl LayerKind for Dropout {
    const WORDS: &'static [&'static str] = &["dropout"];

    fn read(_: &str, table: &mut TomlTable<'_>, _: LayerDefaults) -> Option<Self> {
        table.required("rate", number(Within::BelowOne)).map(|rate| Dropout { rate })
    }

    fn label(&self) -> String {
        format!("{} {}", self.word(), self.rate)
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        place.only(self.label(), place.input, 0)
    }

    fn validate(&self) -> Valid {
        fraction("rate", self.rate)
    }

    fn kernels(&self) -> Vec<&'static str> {
        vec!["dropout"]
    }
}
