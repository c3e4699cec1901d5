//! Metrics as suites, the command line and records spell them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{METRICS, Metric};
use crate::reader::nearest;

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word())
    }
}

impl FromStr for Metric {
    type Err = String;

    /// # Errors
    /// Fails with advice on what to write instead.
    fn from_str(given: &str) -> Result<Self, String> {
        let known: Vec<String> = METRICS.iter().map(Metric::word).collect();
        if let Some(index) = known.iter().position(|word| word == given) {
            return Ok(METRICS[index]);
        }
        let with_argument = METRICS.iter().find_map(|metric| metric.with_argument_of(given));
        let advice = || {
            let meant: Vec<String> =
                METRICS.iter().map(|metric| metric.with_number_in(given).word()).collect();
            nearest(given, &meant.iter().map(String::as_str).collect::<Vec<_>>())
        };
        with_argument.unwrap_or_else(|| Err(advice()))
    }
}

impl Metric {
    /// Returns a JSON Schema of the words of all metrics that are `taken`.
    pub fn schema_of(taken: impl Fn(&Metric) -> bool) -> Schema {
        let metrics: Vec<&Metric> = METRICS.iter().filter(|metric| taken(metric)).collect();
        let words: Vec<String> = metrics.iter().map(|metric| metric.word()).collect();
        let with_parameter = metrics.iter().filter(|metric| metric.has_parameter());
        let patterns =
            with_parameter.map(|metric| json_schema!({ "type": "string", "pattern": metric.pattern() }));
        let all: Vec<Schema> = std::iter::once(json_schema!({ "enum": words })).chain(patterns).collect();
        json_schema!({ "anyOf": all })
    }
}

impl JsonSchema for Metric {
    fn schema_name() -> Cow<'static, str> {
        "Metric".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Metric::schema_of(|_| true)
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Metric {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let unknown = |advice| serde::de::Error::custom(format!("unknown metric `{word}`: {advice}"));
        word.parse().map_err(unknown)
    }
}
