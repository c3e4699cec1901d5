//! The version every file carries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of a file's form. Another major, or a newer minor, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Raised when older readers would misunderstand.
    pub major: u32,
    /// Raised when something is added.
    pub minor: u32,
}

impl Format {
    /// The version this program writes.
    pub const CURRENT: Format = Format { major: 1, minor: 6 };

    /// Returns whether this program understands it.
    pub fn is_readable(self) -> bool {
        self.major == Format::CURRENT.major && (0..=Format::CURRENT.minor).contains(&self.minor)
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
