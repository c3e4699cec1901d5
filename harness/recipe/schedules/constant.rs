//! `constant`: the learning rate does not change.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::kind::ScheduleKind;
use crate::reader::TomlTable;
use crate::recipe::convention::Convention;

/// The learning rate does not change.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Constant;

impl ScheduleKind for Constant {
    const WORD: &'static str = "constant";

    fn read(_: &mut TomlTable<'_>, _: Convention, _: f64) -> Option<Self> {
        Some(Constant)
    }
}
