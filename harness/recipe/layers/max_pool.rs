//! `max-pool`: the maximum over windows of an image.

use serde::{Deserialize, Serialize};

use super::kind::{LayerDefaults, LayerKind, Place};
use crate::reader::{TomlTable, sides};
use crate::recipe::shape::{LayerPlan, Shape, ShapeError, WIDEST};

/// Maximum over windows; what does not fill a window is dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaxPool {
    /// The height and width of a window.
    pub size: [u32; 2],
    /// The steps between windows, down and across.
    pub stride: [u32; 2],
}

impl LayerKind for MaxPool {
    const WORDS: &'static [&'static str] = &["max-pool"];

    fn read(_: &str, table: &mut TomlTable<'_>, _: LayerDefaults) -> Option<Self> {
        let [size, stride] = read_window(table)?;
        Some(MaxPool { size, stride })
    }

    fn label(&self) -> String {
        format!("{} {} x {}", self.word(), self.size[0], self.size[1])
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        let [channels, ..] = place.image()?;
        let [height, width] = place.slide(self.size, self.stride)?;
        place.only(self.label(), Shape::Image { channels, height, width }, 0)
    }

    fn kernels(&self) -> Vec<&'static str> {
        vec!["max-pool"]
    }
}

/// Reads the size and the stride of a window; the stride is the size where it is left out.
pub(super) fn read_window(table: &mut TomlTable<'_>) -> Option<[[u32; 2]; 2]> {
    let size = table.or("size", [2, 2], sides(WIDEST));
    let stride = table.or("stride", size.unwrap_or([2, 2]), sides(WIDEST));
    Some([size?, stride?])
}
