//! The learning-rate schedules that a suite can name: one file and one line of the registry each.

mod kind;

pub use kind::{ScheduleKind, TrainingLength};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::convention::Convention;
use super::patience::Patience;
use crate::reader::{TomlTable, Value, one_of};
use crate::valid::Valid;

/// Declares a file for each schedule and makes of all of them the enum [`Schedule`]. A variant's name, in kebab case, is
/// the schedule's `kind` in suites and in JSON.
macro_rules! registry {
    ($($file:ident: $schedule:ident),+ $(,)?) => {
        $(pub mod $file;)+
        $(pub use $file::$schedule;)+

        /// How the learning rate changes.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "kind", rename_all = "kebab-case")]
        pub enum Schedule {
            $(#[allow(missing_docs)] $schedule($schedule)),+
        }

        const WORDS: &[&str] = &[$($schedule::WORD),+];

        impl Schedule {
            fn of_kind(word: &str, table: &mut TomlTable<'_>, convention: Convention, lr: f64) -> Option<Self> {
                match word {
                    $($schedule::WORD => {
                        table.explain::<$schedule>();
                        $schedule::read(table, convention, lr).map(Schedule::$schedule)
                    })+
                    _ => None,
                }
            }

            /// Returns whether it watches a validation value, so that samples must be held out.
            pub fn watches_validation(&self) -> bool {
                match self { $(Schedule::$schedule(rule) => rule.watches_validation()),+ }
            }

            /// Returns the learning rate at `step`, counted from 0 over the whole training, where `lr` is the rate that
            /// [`after_epoch`](Self::after_epoch) left.
            pub fn rate(&self, lr: f64, step: u64, course: TrainingLength) -> f64 {
                match self { $(Schedule::$schedule(rule) => rule.rate(lr, step, course)),+ }
            }

            /// Returns the rate from which the next epoch goes on; `watched` is the validation loss so far.
            pub fn after_epoch(&self, lr: f64, watched: &mut Patience, validation_loss: f64) -> f64 {
                match self { $(Schedule::$schedule(rule) => rule.after_epoch(lr, watched, validation_loss)),+ }
            }

            /// Checks the constants of a schedule that comes from a record rather than from a suite file.
            ///
            /// # Errors
            /// Returns the first constant that no suite file can ask for.
            pub fn validate(&self) -> Valid {
                match self { $(Schedule::$schedule(rule) => rule.validate()),+ }
            }
        }
    };
}

registry! {
    constant: Constant,
    inverse_time: InverseTime,
    reduce_on_plateau: ReduceOnPlateau,
    cosine: Cosine,
    steps: Steps,
}

/// Reads how a rate that begins at `lr` changes, with all its constants. Every mistake is reported.
pub fn schedule(value: &Value<'_>, convention: Convention, lr: f64) -> Option<Schedule> {
    value.by_kind("schedule", |value| {
        let mut table = value.table()?;
        let word = table.required("kind", one_of(WORDS))?;
        let schedule = Schedule::of_kind(word, &mut table, convention, lr);
        table.finish();
        schedule
    })
}
