//! Values and tables of a TOML file, each with its place.
//!
//! A [`TomlTable`] hands out values and remembers which keys were asked for; what nobody asked for is
//! unknown. A reader returns `None` after it has reported why, so that reading can go on.
//!
//! What readers take is described by the readers themselves: [`describe`] hands them a value of no file, which every
//! reader refuses, but not before it has said what it takes. So a reader asks for all keys of a table before it uses `?`.

use std::ops::Range;
use std::rc::Rc;

use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value as Json, json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::draft::Draft;
use super::nearest::nearest;
use super::source::Source;

/// A value, and the way to it.
#[derive(Clone)]
pub struct Value<'a> {
    source: &'a Source<'a>,
    path: String,
    node: Node<'a>,
}

/// What a value is.
#[derive(Clone)]
enum Node<'a> {
    /// What a file holds.
    Written(&'a Spanned<DeValue<'a>>),
    /// Nothing: its readers say what they take.
    Described(Rc<Draft>),
}

/// Returns the JSON Schema (draft 4) of what a reader takes, and the definitions that it refers to as
/// `#/definitions/NAME`.
pub fn describe<T>(read: impl Fn(&Value<'_>) -> Option<T>) -> (Json, serde_json::Map<String, Json>) {
    let source = Source::new("");
    let draft = Rc::new(Draft::default());
    read(&Value { source: &source, path: String::new(), node: Node::Described(Rc::clone(&draft)) });
    let definitions = draft.definitions().into_iter().map(|(name, schema)| (name.to_owned(), schema));
    (draft.schema(), definitions.collect())
}

impl<'a> Value<'a> {
    /// Reports what is wanted instead.
    pub fn refuse<T>(&self, want: impl std::fmt::Display) -> Option<T> {
        let Node::Written(node) = &self.node else { return None };
        let text = self.source.text_at(node.span());
        let shown = match node.get_ref() {
            DeValue::Array(_) => "an array",
            DeValue::Table(_) => "a table",
            _ if text.contains('\n') || text.len() > 60 => "a long text",
            _ => text,
        };
        self.report(format!("{shown} given; {want}"))
    }

    /// Reports something about it.
    pub fn report<T>(&self, message: impl Into<String>) -> Option<T> {
        if let Node::Written(node) = &self.node {
            self.source.report(node.span(), &self.path, message);
        }
        None
    }

    /// Returns what the file holds; `None` if there is no file.
    pub fn get(&self) -> Option<&'a DeValue<'a>> {
        match &self.node {
            Node::Written(node) => Some(node.get_ref()),
            Node::Described(_) => None,
        }
    }

    /// Returns the value as a string; `None` if it is none.
    pub fn as_str(&self) -> Option<&'a str> {
        self.get()?.as_str()
    }

    /// Returns whether it is a list.
    pub fn is_list(&self) -> bool {
        self.get().is_some_and(DeValue::is_array)
    }

    /// Says what the reader takes, in keywords of JSON Schema, where a description is made. Of a keyword that is said
    /// twice the first content counts.
    pub fn says(&self, keywords: impl FnOnce() -> Json) {
        if let Node::Described(draft) = &self.node {
            draft.add(keywords());
        }
    }

    /// Says that the reader takes none of these values.
    pub(super) fn says_never(&self, values: &[f64]) {
        if let Node::Described(draft) = &self.node {
            values.iter().for_each(|value| draft.exclude(*value));
        }
    }

    /// Says that in place of one value there may be a list of what `read` takes.
    pub fn says_or_list<T>(&self, read: impl Fn(&Value<'a>) -> Option<T>) {
        if let Node::Described(draft) = &self.node {
            draft.allow_type("array");
            read(&self.described(draft.items()));
        }
    }

    /// Says that the reader takes one of these words; or the one alone that a description asks about.
    pub(super) fn says_words(&self, words: &[&str]) {
        self.says(|| match self.asked_word() {
            Some(word) => json!({ "enum": [word] }),
            None => json!({ "enum": words }),
        });
    }

    /// Returns the word that a description asks about.
    pub(super) fn asked_word(&self) -> Option<&str> {
        match &self.node {
            Node::Written(_) => None,
            Node::Described(draft) => draft.word(),
        }
    }

    /// Reads a value by `read`, whose keys depend on the word that its `kind` is. A description asks about one word after
    /// the other, and refers to what it finds by `name`, so that a value can hold others of its sort.
    pub fn by_kind<T>(&self, name: &'static str, read: impl Fn(&Value<'a>) -> Option<T>) -> Option<T> {
        let Node::Described(draft) = &self.node else { return read(self) };
        if draft.refer(name) {
            let asked = |word: Option<String>| {
                let kind = draft.beside(word);
                read(&self.described(Rc::clone(&kind)));
                kind
            };
            let words = asked(None).words_of("kind");
            let kinds: Vec<Json> = words.iter().map(|word| asked(Some(word.clone())).schema()).collect();
            let kind = json!({ "enum": words });
            let content = json!({ "type": "object", "required": ["kind"], "properties": { "kind": kind }, "anyOf": kinds });
            draft.define(name, content);
        }
        None
    }

    fn described(&self, draft: Rc<Draft>) -> Value<'a> {
        Value { source: self.source, path: String::new(), node: Node::Described(draft) }
    }

    /// Returns the items of a list, each with its own path; a position counts from 1.
    pub fn items(&self) -> Option<Vec<Value<'a>>> {
        if let Node::Described(draft) = &self.node {
            draft.add(json!({ "type": "array" }));
            return Some(vec![self.described(draft.items())]);
        }
        let Some(DeValue::Array(array)) = self.get() else {
            return self.refuse("write an array, as in [ ... ]");
        };
        let at = |(index, node)| Value {
            source: self.source,
            path: format!("{}[{}]", self.path, index + 1),
            node: Node::Written(node),
        };
        Some(array.iter().enumerate().map(at).collect())
    }

    /// Returns the value as a table; `None` if it is none, which is reported.
    pub fn table(&self) -> Option<TomlTable<'a>> {
        let node = match &self.node {
            Node::Written(node) => node,
            Node::Described(draft) => {
                draft.add(json!({ "type": "object" }));
                return Some(TomlTable::described(self.source, Rc::clone(draft)));
            }
        };
        match node.get_ref() {
            DeValue::Table(table) => Some(TomlTable::new(self.source, self.path.clone(), node.span(), table)),
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
    /// Of a table that is described.
    draft: Option<Rc<Draft>>,
}

impl<'a> TomlTable<'a> {
    /// Returns the table at `path` and `span` of the source.
    pub fn new(source: &'a Source<'a>, path: String, span: Range<usize>, table: &'a DeTable<'a>) -> Self {
        TomlTable {
            source,
            path: path.clone(),
            span,
            tables: vec![(path, table)],
            asked: Vec::new(),
            draft: None,
        }
    }

    fn described(source: &'a Source<'a>, draft: Rc<Draft>) -> Self {
        let path = String::new();
        TomlTable { source, path, span: 0..0, tables: Vec::new(), asked: Vec::new(), draft: Some(draft) }
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
            Some(Value { source: self.source, path: child(path, key), node: Node::Written(node) })
        })
    }

    /// Returns a key to be described, where a description is made.
    fn describes(&self, key: &'static str) -> Option<(&Draft, Value<'a>)> {
        let table = self.draft.as_ref()?;
        let node = Node::Described(table.property(key));
        Some((table, Value { source: self.source, path: String::new(), node }))
    }

    /// Reads a key that must be there.
    pub fn required<T>(&mut self, key: &'static str, read: impl Fn(&Value<'a>) -> Option<T>) -> Option<T> {
        if let Some((table, value)) = self.describes(key) {
            table.require(key);
            return read(&value);
        }
        match self.find(key) {
            Some(value) => read(&value),
            None => self.report(format!("`{key}` is missing")),
        }
    }

    /// Reads a key with a default. Returns `None` only if what is there is wrong.
    pub fn or<T: Serialize>(
        &mut self,
        key: &'static str,
        default: T,
        read: impl Fn(&Value<'a>) -> Option<T>,
    ) -> Option<T> {
        if let Some((_, value)) = self.describes(key) {
            value.says(|| json!({ "default": default }));
        }
        Some(self.if_given(key, read)?.unwrap_or(default))
    }

    /// Reads a key that may be absent, and what then stands for it is decided elsewhere; the outer `None` only where what
    /// is there is wrong.
    pub fn if_given<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Value<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        if let Some((_, value)) = self.describes(key) {
            return read(&value).map(Some);
        }
        self.find(key).map_or(Some(None), |value| read(&value).map(Some))
    }

    /// Reads a list that may be absent, item by item. Every mistake is reported; `None` if there is one.
    pub fn list<T>(&mut self, key: &'static str, read: impl Fn(&Value<'a>) -> Option<T>) -> Option<Vec<T>> {
        let items = self.if_given(key, |value| {
            let items: Vec<Option<T>> = value.items()?.iter().map(&read).collect();
            items.into_iter().collect::<Option<Vec<T>>>()
        });
        items.map(Option::unwrap_or_default)
    }

    /// Reads a key that may be absent, or `false` to switch a default off; the outer `None` only where what is there is
    /// wrong.
    pub fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&Value<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        if let Some((table, value)) = self.describes(key) {
            let found = read(&value);
            table.property(key).allow_type("boolean");
            table.property(key).exclude(true);
            return found.map(Some);
        }
        match self.find(key) {
            Some(value) if !matches!(value.get(), Some(DeValue::Boolean(false))) => read(&value).map(Some),
            _ => Some(None),
        }
    }

    /// Says what the keys mean, in the words of the fields of `T`, where a description is made.
    pub fn explain<T: JsonSchema>(&self) {
        if let Some(draft) = &self.draft {
            draft.explain(SchemaGenerator::default().into_root_schema_for::<T>().as_value());
        }
    }

    /// Says what a key means, where a description is made.
    pub fn means(&self, key: &str, meaning: &str) {
        if let Some(draft) = &self.draft {
            draft.mean(key, meaning);
        }
    }

    /// Says what is taken of the table as a whole, as [`Value::says`] does.
    pub fn says(&self, keywords: impl FnOnce() -> Json) {
        if let Some(draft) = &self.draft {
            draft.add(keywords());
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
            (name, Value { source: self.source, path: child(path, name), node: Node::Written(node) })
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
        self.says(|| json!({ "additionalProperties": false }));
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
