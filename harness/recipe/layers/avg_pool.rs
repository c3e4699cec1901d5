//! `avg-pool`: the mean over windows of an image.

use serde::{Deserialize, Serialize};

use super::kind::{LayerDefaults, LayerKind, Place};
use super::max_pool::read_window;
use crate::reader::TomlTable;
use crate::recipe::shape::{LayerPlan, Shape, ShapeError};

/// Mean over windows; what does not fill a window is dropped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AvgPool {
    /// The height and width of a window.
    pub size: [u32; 2],
    /// The steps between windows, down and across.
    pub stride: [u32; 2],
}

impl LayerKind for AvgPool {
    const WORDS: &'static [&'static str] = &["avg-pool"];

    fn read(_: &str, table: &mut TomlTable<'_>, _: LayerDefaults) -> Option<Self> {
        let [size, stride] = read_window(table)?;
        Some(AvgPool { size, stride })
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
        vec!["avg-pool"]
    }
}
