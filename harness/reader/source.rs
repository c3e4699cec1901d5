//! A TOML file's text, and what is wrong with it so far.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// A file's text, and what is wrong with it so far.
pub struct Source<'a> {
    text: &'a str,
    /// By place and message, the key that it was first said of: cases of one template have one place
    /// and many names.
    problems: RefCell<BTreeMap<(usize, String), String>>,
}

impl<'a> Source<'a> {
    /// Returns the source with nothing reported yet.
    pub fn new(text: &'a str) -> Self {
        Source { text, problems: RefCell::default() }
    }

    /// Returns the text at `span`, which is empty where the span is none of this text.
    pub fn text_at(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or_default()
    }

    /// Reports a mistake at `span`, said of `key`.
    pub fn report(&self, span: Range<usize>, key: &str, message: impl Into<String>) {
        let mut problems = self.problems.borrow_mut();
        problems.entry((span.start, message.into())).or_insert_with(|| key.to_owned());
    }

    /// Returns whether nothing is reported.
    pub fn is_sound(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// Returns all that is reported, in the order of the file.
    pub fn into_problems(self) -> Vec<Problem> {
        let mut line = 1;
        let mut column = 1;
        let mut at = 0;
        let place = |((start, message), key)| {
            for character in self.text.get(at..start).unwrap_or_default().chars() {
                (line, column) = if character == '\n' { (line + 1, 1) } else { (line, column + 1) };
            }
            at = start;
            Problem { line, column, key, message }
        };
        let mut problems: Vec<Problem> = self.problems.into_inner().into_iter().map(place).collect();
        problems.sort();
        problems
    }
}

/// One thing wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line of the file, counted from 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// `case.mlp.layers[2].units`; empty where the whole file is meant.
    pub key: String,
    /// With the value and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.line, self.column)?;
        match self.key.as_str() {
            "" => write!(f, "{}", self.message),
            key => write!(f, "{key}: {}", self.message),
        }
    }
}
