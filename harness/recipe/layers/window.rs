//! Windows that slide over an image, which pooling layers share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::Place;
use crate::reader::{TomlTable, sides};
use crate::recipe::shape::{LayerPlan, Shape, ShapeError, WIDEST};

/// Windows over an image; what does not fill a window is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// The height and width of a window.
    pub size: [u32; 2],
    /// The steps between windows, down and across.
    pub stride: [u32; 2],
}

impl Window {
    /// Reads the size and the stride; the stride is the size where it is left out.
    pub(super) fn read(table: &mut TomlTable<'_>) -> Option<Self> {
        let size = table.or("size", [2, 2], sides(WIDEST));
        let stride = table.if_given("stride", sides(WIDEST));
        let size = size?;
        Some(Window { size, stride: stride?.unwrap_or(size) })
    }

    /// Returns the label of a layer that a suite file names by `word`.
    pub(super) fn label(self, word: &str) -> String {
        format!("{word} {} x {}", self.size[0], self.size[1])
    }

    /// Returns the one row of a layer that makes one value of each window of each channel.
    pub(super) fn plan(self, label: String, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        let [channels, ..] = place.image()?;
        let [height, width] = place.slide(self.size, self.stride)?;
        place.only(label, Shape::Image { channels, height, width }, 0)
    }
}
