//! Readers of single values; each reports what it wants where it finds something else.

use std::num::IntErrorKind;

use serde_json::{Value as Json, json};
use toml::de::DeValue;

use super::nearest::nearest;
use super::table::Value;

/// Reads a string, which may be empty.
pub fn text(value: &Value<'_>) -> Option<String> {
    value.says(|| json!({ "type": "string" }));
    match value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => value.refuse("write a text, in quotes"),
    }
}

/// Reads one of these words. Anything else is reported, with the nearest word.
pub fn one_of(words: &[&'static str]) -> impl Fn(&Value<'_>) -> Option<&'static str> {
    move |value| {
        value.says_words(words);
        let given = value.as_str().or(value.asked_word()).unwrap_or_default();
        match words.iter().find(|word| **word == given) {
            Some(word) => Some(*word),
            None => value.refuse(nearest(given, words)),
        }
    }
}

/// Reads `true` or `false`.
pub fn flag(value: &Value<'_>) -> Option<bool> {
    value.says(|| json!({ "type": "boolean" }));
    match value.get().and_then(DeValue::as_bool) {
        Some(flag) => Some(flag),
        None => value.refuse("write true or false"),
    }
}

/// Reads an integer of at least 0.
pub fn integer(value: &Value<'_>) -> Option<u64> {
    value.says(|| json!({ "type": "integer", "minimum": 0 }));
    let number = value.get().and_then(DeValue::as_integer);
    let number = number.map(|number| u64::from_str_radix(number.as_str(), number.radix()));
    match number {
        Some(Ok(number)) => Some(number),
        Some(Err(error)) if *error.kind() == IntErrorKind::PosOverflow => {
            value.refuse(format!("too large: write a whole number from 0 to {}", u64::MAX))
        }
        _ => value.refuse("write a whole number from 0 on"),
    }
}

/// Reads an integer from 1 to `most`.
pub fn count(most: u32) -> impl Fn(&Value<'_>) -> Option<u32> {
    move |value| {
        value.says(|| json!({ "type": "integer", "minimum": 1, "maximum": most }));
        let number = value.get().and_then(DeValue::as_integer);
        match number.and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok()) {
            Some(number) if (1..=most).contains(&number) => Some(number),
            _ => value.refuse(format!("write a whole number from 1 to {most}")),
        }
    }
}

/// Reads a height and width: `[3, 5]`, or `3` for both.
pub fn sides(most: u32) -> impl Fn(&Value<'_>) -> Option<[u32; 2]> {
    move |value| {
        value.says(|| json!({ "minItems": 2, "maxItems": 2 }));
        value.says_or_list(count(most));
        if !value.is_list() {
            return count(most)(value).map(|side| [side, side]);
        }
        match value.items()?.as_slice() {
            [height, width] => {
                let height = count(most)(height);
                let width = count(most)(width);
                Some([height?, width?])
            }
            _ => value.refuse("write [height, width]"),
        }
    }
}

/// Where a number must lie.
#[derive(Clone, Copy)]
pub enum Within {
    /// Any number may stand there.
    Any,
    /// The number is above 0.
    Positive,
    /// The number is at least 0.
    NotNegative,
    /// 0 <= x <= most.
    UpTo(f64),
    /// 0 <= x < 1.
    BelowOne,
    /// 0 < x < 1.
    Inside,
}

impl Within {
    /// Returns the bounds in keywords of JSON Schema.
    fn keywords(self) -> Json {
        match self {
            Within::Any => json!({ "type": "number" }),
            Within::Positive | Within::NotNegative => json!({ "type": "number", "minimum": 0 }),
            Within::UpTo(most) => json!({ "type": "number", "minimum": 0, "maximum": most }),
            Within::BelowOne | Within::Inside => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        }
    }

    /// Returns the bounds that are out of the range. A schema excludes them as values, because checkers disagree about
    /// `exclusiveMinimum`, which is a flag in draft 4 and a number in later ones.
    fn open_ends(self) -> &'static [f64] {
        match self {
            Within::Any | Within::NotNegative | Within::UpTo(_) => &[],
            Within::Positive => &[0.0],
            Within::BelowOne => &[1.0],
            Within::Inside => &[0.0, 1.0],
        }
    }
}

/// Reads a finite number; whole ones need no point.
pub fn number(within: Within) -> impl Fn(&Value<'_>) -> Option<f64> {
    move |value| {
        value.says(|| within.keywords());
        value.says_never(within.open_ends());
        let digits = match value.get() {
            Some(DeValue::Float(float)) => float.as_str(),
            Some(DeValue::Integer(whole)) if whole.radix() == 10 => whole.as_str(),
            _ => "",
        };
        let given = digits.parse::<f64>().ok();
        let fits = |x: f64| match within {
            Within::Any => true,
            Within::Positive => x > 0.0,
            Within::NotNegative => x >= 0.0,
            Within::UpTo(most) => (0.0..=most).contains(&x),
            Within::BelowOne => (0.0..1.0).contains(&x),
            Within::Inside => x > 0.0 && x < 1.0,
        };
        match given {
            // Adding 0 turns -0 into 0, which is the same number and must be the same identity.
            Some(x) if x.is_finite() && fits(x) => Some(x + 0.0),
            Some(x) if x.is_infinite() && digits.contains(|c: char| c.is_ascii_digit()) => {
                value.refuse(format!("too large: write a number up to {:e}", f64::MAX))
            }
            _ => value.refuse(match within {
                Within::Any => "write a number".to_owned(),
                Within::Positive => "write a number above 0".to_owned(),
                Within::NotNegative => "write a number of at least 0".to_owned(),
                Within::UpTo(most) => format!("write a number from 0 to {most}"),
                Within::BelowOne => "write a number from 0 to below 1".to_owned(),
                Within::Inside => "write a number between 0 and 1".to_owned(),
            }),
        }
    }
}
