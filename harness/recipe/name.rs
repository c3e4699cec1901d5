//! Names that become the names of files and folders.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::json;

use crate::reader::{Value, text};

/// The name of a suite, a case, a run or a class of devices: letters, digits and `._+-`, a letter or
/// a digit first. No path that is made of it leaves its folder, be the name read from a file or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Name(String);

/// What a name must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("letters, digits and ._+- only, a letter or digit first, at most {LONGEST} characters")]
pub struct NameError;

/// File systems take 255 bytes, an extension and a number behind the name included.
const LONGEST: usize = 150;

impl Name {
    /// Returns the words of a text, in lower case, with a hyphen between two: `NVIDIA H100 80GB` becomes
    /// `nvidia-h100-80gb`. Of a text without a letter or digit, `unnamed`.
    pub fn of_words(text: &str) -> Self {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let mut name = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
        name.truncate(LONGEST);
        Name(if name.is_empty() { "unnamed".to_owned() } else { name })
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins && text.len() <= LONGEST && text.chars().all(fits) {
            Ok(Name(text.to_owned()))
        } else {
            Err(NameError)
        }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error: NameError| {
            D::Error::invalid_value(Unexpected::Str(&text), &error.to_string().as_str())
        })
    }
}

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        "Name".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._+-]*$", "maxLength": LONGEST })
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<String> for Name {
    fn eq(&self, other: &String) -> bool {
        self.0 == *other
    }
}

/// Reads a suite's or a case's name: `[a-z0-9][a-z0-9._-]*`.
pub fn name(value: &Value<'_>) -> Option<Name> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    value.says(|| json!({ "pattern": "^[a-z0-9][a-z0-9._-]*$", "maxLength": LONGEST }));
    let text = text(value)?;
    if !(text.starts_with(plain) && text.chars().all(|c| plain(c) || ".-_".contains(c))) {
        return value.refuse("use a-z, 0-9, `-`, `_` and `.`, and begin with a letter or digit");
    }
    match text.parse() {
        Ok(name) => Some(name),
        Err(wanted) => value.refuse(wanted),
    }
}
