//! The program that computes, and what it was built from.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The program that computes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Program {
    /// The commit of its source files; `None` if it was not built from a git repository.
    pub commit: Option<Commit>,
    /// Its GNU build ID in hexadecimal, or the SHA-256 of its file if it has none.
    pub digest: String,
    /// The same of `libtorch_cpu.so`.
    pub libtorch_digest: String,
}

/// A commit of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Commit {
    /// Its hash in hexadecimal, or the name that a user gave it.
    pub id: String,
    /// Whether the files were those of the commit, without a change; `None` if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clean: Option<bool>,
}

/// Digits of a hash that people read.
const SHOWN: usize = 12;

impl Commit {
    /// Returns it as people read it: the beginning of a hash, or the whole of another name, and whether files differed
    /// from it.
    pub fn short(&self) -> String {
        let is_hash = self.id.len() >= 40 && self.id.chars().all(|c| c.is_ascii_hexdigit());
        let id = if is_hash { self.id.chars().take(SHOWN).collect() } else { self.id.clone() };
        Commit { id, ..self.clone() }.to_string()
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changed = if self.clean == Some(false) { " with changes" } else { "" };
        write!(f, "{}{changed}", self.id)
    }
}
