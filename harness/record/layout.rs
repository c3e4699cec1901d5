//! JSON laid out for people who read it in a diff.

/// What fits into so many columns stands on one line.
const WIDTH: usize = 100;

/// Returns compact JSON with indents: an object or array that fits stands on one line, and so does an array of numbers
/// and words, however long. The outermost is always opened.
pub fn lay_out(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    open(json, 0, &mut text);
    text
}

/// `column` is where the value begins, `indent` where its line does.
fn value(json: &str, indent: usize, column: usize, text: &mut String) {
    let line = spaced(json);
    let can_be_opened = match json.strip_prefix('[') {
        Some(items) => items.contains(['{', '[']),
        None => json.starts_with('{'),
    };
    if column + line.len() < WIDTH || !can_be_opened {
        text.push_str(&line);
    } else {
        open(json, indent, text);
    }
}

/// An object or array with a line for each of its items.
fn open(json: &str, indent: usize, text: &mut String) {
    let within = indent + 2;
    let (start, end) = if json.starts_with('{') { ('{', '}') } else { ('[', ']') };
    let body = json.strip_prefix(start).and_then(|json| json.strip_suffix(end)).unwrap_or_default();
    text.push(start);
    for (index, item) in split(body, ',').into_iter().enumerate() {
        text.push_str(if index == 0 { "\n" } else { ",\n" });
        text.push_str(&" ".repeat(within));
        match split(item, ':').as_slice() {
            [key, content] if start == '{' => {
                text.push_str(&format!("{key}: "));
                value(content, within, within + key.len() + 2, text);
            }
            _ => value(item, within, within, text),
        }
    }
    text.push('\n');
    text.push_str(&" ".repeat(indent));
    text.push(end);
}

/// The parts between separators that stand neither in a string nor in brackets.
fn split(json: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut depth = 0;
    for (at, character) in outside_strings(json) {
        match character {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ if character == separator && depth == 0 => {
                parts.extend(json.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(json.get(start..).filter(|part| !part.is_empty()));
    parts
}

/// On one line, with a space after each separator.
fn spaced(json: &str) -> String {
    let mut line = String::with_capacity(json.len() + 16);
    let mut start = 0;
    for (at, character) in outside_strings(json) {
        if matches!(character, ',' | ':') {
            line.push_str(json.get(start..=at).unwrap_or_default());
            line.push(' ');
            start = at + 1;
        }
    }
    line + json.get(start..).unwrap_or_default()
}

/// The characters of JSON that belong to no string, with their places.
fn outside_strings(json: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut inside = false;
    let mut escaped = false;
    json.char_indices().filter(move |(_, character)| {
        let was_inside = inside;
        match character {
            '"' if !escaped => inside = !inside,
            _ => {}
        }
        escaped = was_inside && *character == '\\' && !escaped;
        !was_inside && !inside
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn what_fits_stands_on_one_line() {
        let value = json!({
            "a": {"x": 1, "y": [1.5, "a, {b}: \"c\""]},
            "b": (0..60).collect::<Vec<_>>(),
            "c": [(0..60).collect::<Vec<_>>(), [1]],
            "d": [],
            "e": format!("{{{}}}", "[long]".repeat(20)),
        });
        let text = lay_out(&value.to_string());
        assert!(
            text.starts_with("{\n  \"a\": {\"x\": 1, \"y\": [1.5, \"a, {b}: \\\"c\\\"\"]},\n  \"b\": [0, 1,")
        );
        assert!(text.contains(" 59],\n    [1]\n  ],\n  \"d\": [],\n  \"e\": \"{[long][long]"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z\\\\\", :{}\\[\\]]{0,120}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 60, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::btree_map("[a-z\",:]{0,12}", inner, 0..8)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_reads_back(value in any_json()) {
            let whole = json!({"whole": value});
            let text = lay_out(&whole.to_string());
            prop_assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), whole);
        }
    }
}
