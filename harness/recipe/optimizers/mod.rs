//! The optimizers that a suite can name: one file and one line of the registry each.

mod kind;

pub use kind::OptimizerKind;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::convention::Convention;
use crate::reader::{TomlTable, Value, one_of};
use crate::valid::Valid;

/// Declares a file for each optimizer and makes of all of them the enum [`Optimizer`]. A variant's name, in kebab case,
/// is the optimizer's `kind` in suites and in JSON.
macro_rules! registry {
    ($($file:ident: $optimizer:ident),+ $(,)?) => {
        $(pub mod $file;)+
        $(pub use $file::$optimizer;)+

        /// The rule of a step, with its constants (formulas: docs/suites.md).
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "kind", rename_all = "kebab-case")]
        pub enum Optimizer {
            $(#[allow(missing_docs)] $optimizer($optimizer)),+
        }

        const WORDS: &[&str] = &[$($optimizer::WORD),+];

        impl Optimizer {
            fn of_kind(word: &str, table: &mut TomlTable<'_>, convention: Convention) -> Option<Self> {
                match word {
                    $($optimizer::WORD => {
                        table.explain::<$optimizer>();
                        $optimizer::read(table, convention).map(Optimizer::$optimizer)
                    })+
                    _ => None,
                }
            }

            /// Returns the word by which a suite file names it.
            pub fn word(&self) -> &'static str {
                match self { $(Optimizer::$optimizer(_) => $optimizer::WORD),+ }
            }

            /// Returns the initial learning rate.
            pub fn lr(&self) -> f64 {
                match self { $(Optimizer::$optimizer(rule) => rule.lr()),+ }
            }

            /// Returns the names of its state's slots, one tensor a weight each: what Adam calls moments.
            pub fn slots(&self) -> &'static [&'static str] {
                match self { $(Optimizer::$optimizer(rule) => rule.slots()),+ }
            }

            /// Checks the constants of an optimizer that comes from a record rather than from a suite file.
            ///
            /// # Errors
            /// Returns the first constant that no suite file can ask for.
            pub fn validate(&self) -> Valid {
                match self { $(Optimizer::$optimizer(rule) => rule.validate()),+ }
            }

            /// Returns the names of the probe's kernels that compute a step.
            pub fn kernels(&self) -> Vec<&'static str> {
                match self { $(Optimizer::$optimizer(rule) => rule.kernels()),+ }
            }
        }
    };
}

registry! {
    sgd: Sgd,
    adam: Adam,
    adamw: Adamw,
    rmsprop: Rmsprop,
}

/// Reads an optimizer with all its constants. Every mistake is reported.
pub fn optimizer(value: &Value<'_>, convention: Convention) -> Option<Optimizer> {
    value.by_kind("optimizer", |value| {
        let mut table = value.table()?;
        let word = table.required("kind", one_of(WORDS))?;
        let optimizer = Optimizer::of_kind(word, &mut table, convention);
        table.finish();
        optimizer
    })
}
