//! `sequence`: an image read as a sequence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::{TomlTable, word};
use crate::recipe::shape::{LayerPlan, Shape, ShapeError};

/// How an image or feature map (channels, height, width) is read as a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReadBy {
    /// `height` steps of `channels * width` features.
    Rows,
    /// `width` steps of `channels * height` features.
    Columns,
    /// `height * width` steps of `channels` features, row by row.
    Pixels,
}

/// Reads an image as a sequence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sequence {
    /// How it is read.
    pub by: ReadBy,
}

impl LayerKind for Sequence {
    const WORDS: &'static [&'static str] = &["sequence"];

    fn read(_: &str, table: &mut TomlTable<'_>, _: LayerDefaults) -> Option<Self> {
        table.or("by", ReadBy::Rows, word).map(|by| Sequence { by })
    }

    fn label(&self) -> String {
        let by = match self.by {
            ReadBy::Rows => "rows",
            ReadBy::Columns => "columns",
            ReadBy::Pixels => "pixels",
        };
        format!("{} by {by}", self.word())
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        let (steps, features) = match (place.input, self.by) {
            (Shape::Image { channels, height, width }, ReadBy::Rows) => (height, channels * width),
            (Shape::Image { channels, height, width }, ReadBy::Columns) => (width, channels * height),
            (Shape::Image { channels, height, width }, ReadBy::Pixels) => (height * width, channels),
            (Shape::Sequence { .. }, _) => return place.refuse("leave it out"),
            (Shape::Vector { .. }, _) => return place.refuse("put it before the image is flattened"),
        };
        place.only(self.label(), Shape::Sequence { steps, features }, 0)
    }
}
