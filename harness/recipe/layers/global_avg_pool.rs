//! `global-avg-pool`: the mean of each map (Lin, Chen and Yan 2014).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::TomlTable;
use crate::recipe::shape::{LayerPlan, Shape, ShapeError};

/// Image to vector: the mean of each channel over height and width.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlobalAvgPool;

impl LayerKind for GlobalAvgPool {
    const WORDS: &'static [&'static str] = &["global-avg-pool"];

    fn read(_: &str, _: &mut TomlTable<'_>, _: LayerDefaults) -> Option<Self> {
        Some(GlobalAvgPool)
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        let [channels, ..] = place.image()?;
        place.only(self.label(), Shape::Vector { features: channels }, 0)
    }

    fn kernels(&self) -> Vec<&'static str> {
        vec!["global-avg-pool"]
    }
}
