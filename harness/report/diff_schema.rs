//! The JSON Schema of what a comparison with a baseline is in JSON.

use serde_json::{Map, Value, json};

use super::table::Table;
use super::{diff, gates};
use crate::compare::Verdict;

/// What holds words; every other column but a verdict holds numbers.
const WORDS: [&str; 5] = ["case", "metric", "paired", "quarantined_until", "reasons"];

/// Returns the JSON Schema (draft 2020-12) of what `tchbench diff --format json` prints: an array with a table for each
/// suite, and one of its gates, if it has any.
pub fn diff_schema() -> Value {
    let table = |description: &str, table: &Table| {
        let keys = table.columns.iter().map(|heading| heading.key.clone().into_owned());
        let required: Vec<String> = keys.collect();
        let cells: Map<String, Value> = required.iter().map(|key| (key.clone(), cell(key))).collect();
        json!({ "description": description, "type": "object", "required": required, "properties": cells })
    };
    let rows = [
        table("What is found of a case.", &diff::suite(&[], &[])),
        table("What is found of a metric of the suite's gates in a case.", &gates::table("", &[])),
    ];
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A comparison of a run of tchbench with its baselines",
        "type": "array",
        "items": {
            "type": "object",
            "required": ["title", "rows", "notes"],
            "properties": {
                "title": { "description": "The suite, and whether these are its gates.", "type": "string" },
                "rows": { "type": "array", "items": { "anyOf": rows } },
                "notes": { "description": "Why, and on what terms; for people.", "type": "array", "items": { "type": "string" } },
            },
        },
    })
}

/// The schema of a cell below this key.
fn cell(key: &str) -> Value {
    if key.ends_with("verdict") {
        json!({ "enum": Verdict::ALL.map(Verdict::name) })
    } else if WORDS.contains(&key) {
        json!({ "type": ["string", "null"] })
    } else {
        json!({ "type": ["number", "null"] })
    }
}
