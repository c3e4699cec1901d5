//! Reads TOML so that every mistake is found at once, each with its place, and describes by the same readers what they take.

mod draft;
mod nearest;
mod source;
mod table;
mod values;
mod words;

pub use nearest::nearest;
pub use source::{Problem, Source};
pub use table::{TomlTable, Value, describe};
pub use values::{Within, count, flag, integer, number, one_of, sides, text};
pub use words::word;
