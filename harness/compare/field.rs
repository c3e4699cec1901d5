//! One field of two records.

use std::collections::BTreeMap;

use serde_json::Value;

/// One field of two records; a value is as JSON prints it, without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, with those of the objects it is in: `training.optimizer.lr`.
    pub name: String,
    /// In the first record; `None` where it has no such field.
    pub a: Option<String>,
    /// In the second record; `None` where it has no such field.
    pub b: Option<String>,
}

impl Field {
    /// Returns a field that both records have.
    pub(super) fn new(name: impl Into<String>, a: impl ToString, b: impl ToString) -> Self {
        Field { name: name.into(), a: Some(a.to_string()), b: Some(b.to_string()) }
    }

    /// Returns whether the two values are not the same.
    pub fn differs(&self) -> bool {
        self.a != self.b
    }
}

/// Returns every leaf of two JSON values, in the order of their names below `prefix`.
pub(super) fn leaves(prefix: &str, a: &Value, b: &Value) -> Vec<Field> {
    let mut found: BTreeMap<String, [Option<String>; 2]> = BTreeMap::new();
    collect(prefix, a, &mut |name, value| found.entry(name).or_default()[0] = Some(value));
    collect(prefix, b, &mut |name, value| found.entry(name).or_default()[1] = Some(value));
    found.into_iter().map(|(name, [a, b])| Field { name, a, b }).collect()
}

/// Returns every leaf of a JSON value with its name: `layers[0].units`, `training.optimizer.lr`.
pub fn leaves_of(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    collect("", value, &mut |name, value| found.push((name, value)));
    found
}

fn collect(name: &str, value: &Value, add: &mut impl FnMut(String, String)) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                collect(&name, value, add);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                collect(&format!("{name}[{index}]"), value, add);
            }
        }
        Value::String(text) => add(name.to_owned(), text.clone()),
        Value::Null => add(name.to_owned(), "none".to_owned()),
        value => add(name.to_owned(), value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_is_named_by_its_path() {
        let a = serde_json::json!({"layers": [{"units": 3, "bias": true}], "lr": 0.1, "name": null});
        let b = serde_json::json!({"layers": [{"units": 4}, {"rate": 0.5}], "lr": 0.1, "name": "x"});
        let told: Vec<String> = leaves("", &a, &b)
            .iter()
            .map(|field| {
                let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
                format!("{} {} {} {}", field.name, text(&field.a), text(&field.b), field.differs())
            })
            .collect();
        assert_eq!(
            told,
            [
                "layers[0].bias true - true",
                "layers[0].units 3 4 true",
                "layers[1].rate - 0.5 true",
                "lr 0.1 0.1 false",
                "name none x true",
            ]
        );
    }
}
