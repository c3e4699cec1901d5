//! Values that are set over a suite file, as `--set KEY=VALUE` gives them.

use std::ops::Range;
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::error::{Error, RefusedSetting};
use crate::reader::Problem;

/// A key of every case, and the TOML text of its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// As it was given: `training.batch=64`.
    given: String,
    /// The way to the key in a case: `optimizer`, `lr`.
    path: Vec<String>,
    /// The value, as TOML writes it.
    value: String,
}

/// What `--set` cannot change: what a case is called and what is expected of it; layers have no names.
const FIXED: [&str; 7] = ["name", "description", "parameters", "claims", "layers", "each", "grid"];

/// The keys of an experiment under which a suite file's keys stand in a record and in `explain`.
const PARTS: [&str; 2] = ["training", "data"];

impl FromStr for Setting {
    type Err = RefusedSetting;

    /// Reads `KEY=VALUE`. A value that is no TOML is a text: `optimizer.kind=sgd` needs no quotes.
    fn from_str(given: &str) -> Result<Self, RefusedSetting> {
        let wrong = |why: &str| RefusedSetting { given: given.to_owned(), why: why.to_owned() };
        let Some((key, value)) = given.split_once('=') else {
            return Err(wrong("there is no `=`; write KEY=VALUE, as in training.batch=64"));
        };
        let mut path: Vec<String> = key.trim().split('.').map(|part| part.trim().to_owned()).collect();
        if path.len() > 1 && PARTS.contains(&path[0].as_str()) {
            path.remove(0);
        }
        if path.iter().any(|part| part.is_empty() || part.contains(['[', ']', '"', '\''])) {
            return Err(wrong("write the key as in training.batch=64 or training.optimizer.lr=0.01"));
        }
        if FIXED.contains(&path[0].as_str()) {
            return Err(wrong("this key belongs to a single case; change the suite file"));
        }
        let value = value.trim();
        let is_toml = DeTable::parse(&assignment(value)).is_ok_and(|table| table.get_ref().len() == 1);
        let value = if is_toml { value.to_owned() } else { toml::Value::from(value).to_string() };
        Ok(Setting { given: given.to_owned(), path, value })
    }
}

impl Setting {
    /// Reads settings as the command line gives them.
    ///
    /// # Errors
    /// Fails with all that are no `KEY=VALUE`, or have a key that cannot be set.
    pub fn read_all(given: &[String]) -> Result<Vec<Setting>, Error> {
        let mut settings = Vec::new();
        let mut refused = Vec::new();
        for setting in given {
            match setting.parse() {
                Ok(setting) => settings.push(setting),
                Err(error) => refused.push(error),
            }
        }
        if refused.is_empty() { Ok(settings) } else { Err(Error::Set { refused }) }
    }

    /// Returns what is wrong with it.
    fn refused(&self, problem: &Problem) -> RefusedSetting {
        RefusedSetting { given: self.given.clone(), why: format!("{}: {}", problem.key, problem.message) }
    }
}

/// A TOML text of one key, `value`.
fn assignment(value: &str) -> String {
    format!("value = {value}")
}

/// Settings behind the text of the suite file that they change, so that each of their values has a place of its own.
pub(super) struct Settings<'s> {
    settings: &'s [Setting],
    /// The suite's text, and after it one line for each setting.
    text: String,
    /// Where each setting's line is.
    lines: Vec<Range<usize>>,
}

impl<'s> Settings<'s> {
    /// Puts the settings behind `text`.
    pub fn new(text: &str, settings: &'s [Setting]) -> Self {
        let mut whole = text.to_owned();
        let mut lines = Vec::new();
        for setting in settings {
            whole.push('\n');
            let start = whole.len();
            whole += &assignment(&setting.value);
            lines.push(start..whole.len());
        }
        Settings { settings, text: whole, lines }
    }

    /// Returns the whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the setting on this line of the whole text, counted from 1.
    fn on_line(&self, line: usize) -> Option<&Setting> {
        let number = |place: usize| self.text[..place].matches('\n').count() + 1;
        let holds = |range: &Range<usize>| (number(range.start)..=number(range.end)).contains(&line);
        self.settings.get(self.lines.iter().position(holds)?)
    }

    /// Returns the error for problems of the whole text. Those of the suite `file` itself are told first, without those
    /// of settings, which may follow from them.
    pub fn error(&self, file: &str, problems: Vec<Problem>) -> Error {
        let is_written = |problem: &Problem| self.on_line(problem.line).is_none();
        if problems.iter().any(is_written) {
            let problems = problems.into_iter().filter(is_written).collect();
            return Error::Invalid { file: file.to_owned(), problems };
        }
        let refused = |problem: &Problem| Some(self.on_line(problem.line)?.refused(problem));
        Error::Set { refused: problems.iter().filter_map(refused).collect() }
    }

    /// Returns whether more is set than seeds, so that a case is no longer the one that its claims are about.
    pub fn change_the_recipe(&self) -> bool {
        self.settings.iter().any(|setting| setting.path[0] != "seeds")
    }

    /// Puts the values into every case of a suite, and into the profiles that have the same key.
    pub fn apply<'a>(&'a self, root: &mut DeTable<'a>) {
        let defaults = root.get("defaults").and_then(|value| value.get_ref().as_table()).cloned();
        for (setting, line) in self.settings.iter().zip(&self.lines) {
            let Ok(parsed) = DeTable::parse(&self.text[line.clone()]) else { continue };
            let Some(value) = parsed.into_inner().remove("value") else { continue };
            let value = moved(value, line.start);
            let first = &setting.path[0];
            let rest = &setting.path[1..];
            for table in
                tables(root, "profiles").into_iter().filter(|table| table.contains_key(first.as_str()))
            {
                put(table, first, rest, &value, None);
            }
            for table in tables(root, "case") {
                put(table, first, rest, &value, defaults.as_ref());
            }
        }
        if self.change_the_recipe() {
            tables(root, "case").into_iter().for_each(|case| drop(case.remove("claims")));
        }
    }
}

/// The tables of an array, or of a table of tables.
fn tables<'t, 'a>(root: &'t mut DeTable<'a>, key: &str) -> Vec<&'t mut DeTable<'a>> {
    let values: Vec<&mut Spanned<DeValue<'a>>> = match root.get_mut(key).map(Spanned::get_mut) {
        Some(DeValue::Array(items)) => items.iter_mut().collect(),
        Some(DeValue::Table(entries)) => entries.iter_mut().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    };
    let table = |value: &'t mut Spanned<DeValue<'a>>| match value.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    };
    values.into_iter().filter_map(table).collect()
}

/// Puts `value` at `key` and the `rest` of the way below it. A table on the way that is lacking is taken from `defaults`.
fn put<'a>(
    table: &mut DeTable<'a>,
    key: &str,
    rest: &[String],
    value: &Spanned<DeValue<'a>>,
    defaults: Option<&DeTable<'a>>,
) {
    let own_key = Spanned::new(value.span(), key.to_owned().into());
    let Some((next, rest)) = rest.split_first() else {
        table.remove(key);
        table.insert(own_key, value.clone());
        return;
    };
    let before = table.remove(key).or_else(|| defaults.and_then(|defaults| defaults.get(key).cloned()));
    let mut inner = match before.map(Spanned::into_inner) {
        Some(DeValue::Table(inner)) => inner,
        _ => DeTable::new(),
    };
    put(&mut inner, next, rest, value, None);
    table.insert(own_key, Spanned::new(value.span(), DeValue::Table(inner)));
}

/// The same value, `by` characters further on.
fn moved(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    let span = value.span().start + by..value.span().end + by;
    let inner = match value.into_inner() {
        DeValue::Array(items) => {
            let items = items.into_iter().map(|item| moved(item, by));
            DeValue::Array(items.collect::<DeArray<'_>>())
        }
        DeValue::Table(entries) => {
            let mut table = DeTable::new();
            for (key, item) in entries {
                let place = key.span().start + by..key.span().end + by;
                table.insert(Spanned::new(place, key.into_inner()), moved(item, by));
            }
            DeValue::Table(table)
        }
        single => single,
    };
    Spanned::new(span, inner)
}
