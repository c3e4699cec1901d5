//! JSON Schemas of the files that other programs read.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::baseline::Baseline;
use super::trial::TrialRecord;

/// Returns the JSON Schema (draft 2020-12) of a trial's record, as this program writes it or wrote it before.
pub fn trial_schema() -> Value {
    sealed::<TrialRecord>("The record of a trial of tchbench")
}

/// Returns the JSON Schema (draft 2020-12) of a baseline, as this program writes it or wrote it before.
pub fn baseline_schema() -> Value {
    sealed::<Baseline>("A baseline of tchbench")
}

/// The schema of a file of such content, which ends in its digest.
fn sealed<T: JsonSchema>(title: &str) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<T>().to_value();
    schema["title"] = json!(title);
    schema["properties"]["digest"] = json!({
        "description": "SHA-256 of every byte before the line that it is on.",
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
    });
    if let Some(required) = schema["required"].as_array_mut() {
        required.push(json!("digest"));
    }
    schema
}
