//! `flatten`: image or sequence to vector.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::TomlTable;
use crate::recipe::shape::{LayerPlan, Shape, ShapeError};

/// Image or sequence to vector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Flatten;

impl LayerKind for Flatten {
    const WORDS: &'static [&'static str] = &["flatten"];

    fn read(_: &str, _: &mut TomlTable<'_>, _: LayerDefaults) -> Option<Self> {
        Some(Flatten)
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        let values = place.input.values();
        match (place.input, u32::try_from(values)) {
            (Shape::Vector { .. }, _) => place.refuse("leave it out, a vector is flat"),
            (_, Ok(features)) => place.only(self.label(), Shape::Vector { features }, 0),
            (_, Err(_)) => Err(ShapeError::Values { layer: place.index, values }),
        }
    }
}
