//! The layers that a suite can name: one file and one line of the registry each.

mod kind;
pub mod window;

pub use kind::{LayerDefaults, LayerKind, Place};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::shape::{LayerPlan, ShapeError};
use crate::reader::TomlTable;
use crate::valid::Valid;

/// Declares a file for each layer and makes of all of them the enum [`Layer`]. A variant's name, in kebab case, is the
/// layer's `kind` in JSON.
macro_rules! registry {
    ($($file:ident: $variant:ident($layer:ident $(<$inner:ident>)?)),+ $(,)?) => {
        $(pub mod $file;)+

        /// One layer, with its constants.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "kind", rename_all = "kebab-case")]
        pub enum Layer {
            $(#[allow(missing_docs)] $variant($file::$layer $(<$inner>)?)),+
        }

        impl LayerKind for Layer {
            const WORDS: &'static [&'static str] = &[];

            fn words() -> Vec<&'static str> {
                let mut words = Vec::new();
                $(words.extend(<$file::$layer $(<$inner>)?>::words());)+
                words
            }

            fn read(word: &str, table: &mut TomlTable<'_>, inherited: LayerDefaults) -> Option<Self> {
                $(if <$file::$layer $(<$inner>)?>::words().contains(&word) {
                    table.explain::<$file::$layer $(<$inner>)?>();
                    return <$file::$layer $(<$inner>)?>::read(word, table, inherited).map(Layer::$variant);
                })+
                None
            }

            fn word(&self) -> &'static str {
                match self { $(Layer::$variant(layer) => layer.word()),+ }
            }

            fn label(&self) -> String {
                match self { $(Layer::$variant(layer) => layer.label()),+ }
            }

            fn plan(&self, place: Place) -> Result<Vec<LayerPlan>, ShapeError> {
                match self { $(Layer::$variant(layer) => layer.plan(place)),+ }
            }

            fn validate(&self) -> Valid {
                match self { $(Layer::$variant(layer) => layer.validate()),+ }
            }

            fn l2(&self) -> f64 {
                match self { $(Layer::$variant(layer) => layer.l2()),+ }
            }

            fn kernels(&self) -> Vec<&'static str> {
                match self { $(Layer::$variant(layer) => layer.kernels()),+ }
            }

            fn is_of_libtorch(&self) -> bool {
                match self { $(Layer::$variant(layer) => layer.is_of_libtorch()),+ }
            }

            fn normalizes_batches(&self) -> bool {
                match self { $(Layer::$variant(layer) => layer.normalizes_batches()),+ }
            }
        }
    };
}

registry! {
    flatten: Flatten(Flatten),
    dense: Dense(Dense),
    conv: Conv(Conv),
    batch_norm: BatchNorm(BatchNorm),
    layer_norm: LayerNorm(LayerNorm),
    max_pool: MaxPool(MaxPool),
    avg_pool: AvgPool(AvgPool),
    global_avg_pool: GlobalAvgPool(GlobalAvgPool),
    dropout: Dropout(Dropout),
    activation: Activation(Elementwise),
    sequence: Sequence(Sequence),
    recurrent: Recurrent(Recurrent),
    residual: Residual(Residual<Layer>),
}
