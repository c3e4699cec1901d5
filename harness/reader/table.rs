//! Values and tables of a TOML file, each with its place.
//!
//! A [`TomlTable`] hands out values and remembers which keys were asked for; what nobody asked for is
//! unknown. A reader returns `None` after it has reported why, so that reading can go on.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest::nearest;
use super::source::Source;

/// A value, and the way to it.
#[derive(Clone)]
pub struct Value<'a> {
    source: &'a Source<'a>,
    path: String,
    node: &'a Spanned<DeValue<'a>>,
}

impl<'a> Value<'a> {
    /// Reports what is wanted instead.
    pub fn refuse<T>(&self, want: impl std::fmt::Display) -> Option<T> {
        let text = self.source.text_at(self.node.span());
        let shown = match self.node.get_ref() {
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
            _ if text.contains('\n') || text.len() > 60 => "a long text",
            _ => text,
        };
        self.report(format!("{shown} given; {want}"))
    }

    /// Reports something about it.
    pub fn report<T>(&self, message: impl Into<String>) -> Option<T> {
        self.source.report(self.node.span(), &self.path, message);
        None
    }

    /// Returns what the file holds.
    pub fn get(&self) -> &'a DeValue<'a> {
        self.node.get_ref()
    }

    /// Returns the value as a string; `None` if it is none.
    pub fn as_str(&self) -> Option<&'a str> {
        self.node.get_ref().as_str()
    }

    /// Returns whether it is a list.
    pub fn is_list(&self) -> bool {
        self.node.get_ref().is_array()
    }

    /// Returns the items of a list, each with its own path; a position counts from 1.
    pub fn items(&self) -> Option<Vec<Value<'a>>> {
        let DeValue::Array(array) = self.node.get_ref() else {
            return self.refuse("write an array, as in [ ... ]");
        };
        let at = |(index, node)| Value {
            source: self.source,
            path: format!("{}[{}]", self.path, index + 1),
            node,
        };
        Some(array.iter().enumerate().map(at).collect())
    }

    /// Returns the value as a table; `None` if it is none, which is reported.
    pub fn table(&self) -> Option<TomlTable<'a>> {
        match self.node.get_ref() {
            DeValue::Table(table) => {
                Some(TomlTable::new(self.source, self.path.clone(), self.node.span(), table))
            }
            _ => self.refuse("write a table, as in { key = value }"),
        }
    }

    /// Returns the same value under another path.
    pub fn named(self, path: String) -> Self {
        Value { path, ..self }
    }
}

/// A table, or several of which the first that has a key answers for it.
#[derive(Clone)]
pub struct TomlTable<'a> {
    source: &'a Source<'a>,
    path: String,
    span: Range<usize>,
    tables: Vec<(String, &'a DeTable<'a>)>,
    asked: Vec<&'static str>,
}

impl<'a> TomlTable<'a> {
    /// Returns the table at `path` and `span` of the source.
    pub fn new(source: &'a Source<'a>, path: String, span: Range<usize>, table: &'a DeTable<'a>) -> Self {
        TomlTable { source, path: path.clone(), span, tables: vec![(path, table)], asked: Vec::new() }
    }

    /// Returns this table with the other behind it, where keys are looked up that this one lacks.
    pub fn over(mut self, other: Option<&TomlTable<'a>>) -> Self {
        self.tables.extend(other.into_iter().flat_map(|other| other.tables.iter().cloned()));
        self
    }

    /// Returns this table with the other before it, where keys are looked up first.
    pub fn under(mut self, other: Option<&TomlTable<'a>>) -> Self {
        let before = other.into_iter().flat_map(|other| other.tables.iter().cloned());
        self.tables = before.chain(self.tables).collect();
        self
    }

    /// Returns the value of a key, if it is there.
    pub fn find(&mut self, key: &'static str) -> Option<Value<'a>> {
        self.asked.push(key);
        self.tables.iter().find_map(|(path, table)| {
            let node = table.get(key)?;
            Some(Value { source: self.source, path: child(path, key), node })
        })
    }

    /// Reads a key that must be there.
    pub fn required<T>(&mut self, key: &'static str, read: impl Fn(&Value<'a>) -> Option<T>) -> Option<T> {
        match self.find(key) {
            Some(value) => read(&value),
            None => self.report(format!("`{key}` is missing")),
        }
    }

    /// Reads a key with a default. Returns `None` only if what is there is wrong.
    pub fn or<T>(
        &mut self,
        key: &'static str,
        default: T,
        read: impl Fn(&Value<'a>) -> Option<T>,
    ) -> Option<T> {
        self.find(key).map_or(Some(default), |value| read(&value))
    }

    /// Reads a key that may be absent, or `false` to switch a default off; the outer `None` only where what is there is
    /// wrong.
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Value<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.find(key) {
            Some(value) if !matches!(value.node.get_ref(), DeValue::Boolean(false)) => read(&value).map(Some),
            _ => Some(None),
        }
    }

    /// Reports something about the table as a whole.
    pub fn report<T>(&self, message: impl Into<String>) -> Option<T> {
        self.source.report(self.span.clone(), &self.path, message);
        None
    }

    /// Returns every key with its value.
    pub fn entries(&self) -> Vec<(&'a str, Value<'a>)> {
        let all = self.tables.iter().flat_map(|(path, table)| table.iter().map(move |entry| (path, entry)));
        all.map(|(path, (key, node))| {
            let name: &'a str = key.get_ref();
            (name, Value { source: self.source, path: child(path, name), node })
        })
        .collect()
    }

    /// Returns the keys asked for so far.
    pub fn asked(&self) -> &[&'static str] {
        &self.asked
    }

    /// Returns whether a key is there; to ask so does not make it known.
    pub fn has(&self, key: &str) -> bool {
        self.tables.iter().any(|(_, table)| table.contains_key(key))
    }

    /// Reports every key that nobody asked for.
    pub fn finish(self) {
        self.refuse_all_but(&self.asked);
    }

    /// Reports every key that is not among these.
    pub fn refuse_all_but(&self, known: &[&str]) {
        for (path, table) in &self.tables {
            for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
                let message = format!("no such key; {}", nearest(key.get_ref(), known));
                self.source.report(key.span(), &child(path, key.get_ref()), message);
            }
        }
    }
}

/// A key is quoted as in TOML, where it must be: it may hold anything, even the end of a line.
fn child(path: &str, key: &str) -> String {
    let is_bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    let key = if is_bare { key.to_owned() } else { format!("{key:?}") };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}
