//! `inverse-time`: the rate falls with one over the time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::{ScheduleKind, TrainingLength};
use crate::reader::{TomlTable, Within, number};
use crate::recipe::convention::Convention;
use crate::valid::{Valid, positive};

/// lr / (1 + decay * step), with the step counted from 0 over the whole training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InverseTime {
    /// The decay of one step, above 0.
    pub decay: f64,
}

impl ScheduleKind for InverseTime {
    const WORD: &'static str = "inverse-time";

    fn read(table: &mut TomlTable<'_>, _: Convention, _: f64) -> Option<Self> {
        table.required("decay", number(Within::Positive)).map(|decay| InverseTime { decay })
    }

    fn validate(&self) -> Valid {
        positive("decay", self.decay)
    }

    fn rate(&self, lr: f64, step: u64, _: TrainingLength) -> f64 {
        lr / (1.0 + self.decay * step as f64)
    }
}
