//! `avg-pool`: the mean over windows of an image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{LayerDefaults, LayerKind, Place};
use super::window::Window;
use crate::reader::TomlTable;
use crate::recipe::shape::{LayerPlan, ShapeError};

/// The mean over windows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
#[serde(transparent)]
pub struct AvgPool(pub Window);

impl LayerKind for AvgPool {
    const WORDS: &'static [&'static str] = &["avg-pool"];

    fn read(_: &str, table: &mut TomlTable<'_>, _: LayerDefaults) -> Option<Self> {
        Window::read(table).map(AvgPool)
    }

    fn label(&self) -> String {
        self.0.label(self.word())
    }

    fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
        self.0.plan(self.label(), place)
    }

    fn kernels(&self) -> Vec<&'static str> {
        Self::words()
    }
}
