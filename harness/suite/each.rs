//! A case with `each`: one case for every row of values.

use std::borrow::Cow;
use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::reader::{Source, nearest};

/// Puts one case a row in the place of every case with `each`, and the row's values in the place of
/// `{key}`; reports an `each` that is wrong.
pub(super) fn expand<'a>(source: &Source<'a>, root: &mut DeTable<'a>) {
    let Some(DeValue::Array(cases)) = root.get_mut("case").map(Spanned::get_mut) else { return };
    let mut all = DeArray::new();
    for case in cases.iter() {
        let template = case.get_ref().as_table().and_then(Template::of);
        match template {
            Some(template) => template.cases(source, case.span()).into_iter().for_each(|case| all.push(case)),
            None => all.push(case.clone()),
        }
    }
    *cases = all;
}

/// A case that stands for several.
struct Template<'a> {
    each: Spanned<DeValue<'a>>,
    case: DeTable<'a>,
}

impl<'a> Template<'a> {
    fn of(table: &DeTable<'a>) -> Option<Self> {
        let mut case = table.clone();
        case.remove("each").map(|each| Template { each, case })
    }

    fn cases(&self, source: &Source<'a>, span: std::ops::Range<usize>) -> Vec<Spanned<DeValue<'a>>> {
        let want = "write at least one row of values, as in each = [{ width = 10 }, { width = 20 }]";
        let rows = self.each.get_ref().as_array().map_or(&[][..], |rows| rows);
        let tables: Vec<&DeTable<'a>> = rows.iter().filter_map(|row| row.get_ref().as_table()).collect();
        if tables.is_empty() || tables.len() < rows.len() {
            source.report(self.each.span(), "case.each", want);
            return Vec::new();
        }
        if tables.len().saturating_mul(self.case.values().map(size).sum()) > MOST_VALUES {
            let message =
                format!("its rows make more than {MOST_VALUES} values of the case; give fewer rows");
            source.report(self.each.span(), "case.each", message);
            return Vec::new();
        }
        let filled = tables.into_iter().map(|row| {
            let mut row = Row { source, values: row, used: BTreeSet::new() };
            let mut case = DeValue::Table(self.case.clone());
            row.fill_within(&mut case);
            row.report_unused();
            Spanned::new(span.clone(), case)
        });
        filled.collect()
    }
}

/// One row of `each`, and which of its keys were used.
struct Row<'r, 'a> {
    source: &'r Source<'a>,
    values: &'r DeTable<'a>,
    used: BTreeSet<String>,
}

impl<'a> Row<'_, 'a> {
    fn fill_within(&mut self, value: &mut DeValue<'a>) {
        match value {
            DeValue::Array(items) => items.iter_mut().for_each(|item| self.fill(item)),
            DeValue::Table(table) => table.iter_mut().for_each(|(_, item)| self.fill(item)),
            _ => {}
        }
    }

    /// A text that is `{key}` and nothing else becomes the row's value, with its type and place; within
    /// a longer text stands what the file writes.
    fn fill(&mut self, node: &mut Spanned<DeValue<'a>>) {
        let DeValue::String(text) = node.get_ref() else { return self.fill_within(node.get_mut()) };
        let text = text.clone().into_owned();
        let mut filled = String::new();
        let mut rest = text.as_str();
        while let Some((before, key, after)) = placeholder(rest) {
            let Some(value) = self.value(key, node) else { return };
            if before.is_empty() && after.is_empty() && filled.is_empty() {
                *node = value;
                return;
            }
            let Some(shown) = written(value.get_ref()) else {
                let message =
                    format!("`{{{key}}}` is no text or number; let it stand alone, as \"{{{key}}}\"");
                return self.source.report(node.span(), "case.each", message);
            };
            filled = filled + before + &shown;
            rest = after;
        }
        if !filled.is_empty() {
            filled += rest;
            *node.get_mut() = DeValue::String(Cow::Owned(filled));
        }
    }

    /// What a row has under a key that `node` names.
    fn value(&mut self, key: &str, node: &Spanned<DeValue<'a>>) -> Option<Spanned<DeValue<'a>>> {
        let Some(value) = self.values.get(key) else {
            let known: Vec<&str> = self.values.keys().map(|key| key.get_ref().as_ref()).collect();
            let message = format!("not every row of `each` has `{key}`; {}", nearest(key, &known));
            self.source.report(node.span(), "case.each", message);
            return None;
        };
        self.used.insert(key.to_owned());
        Some(value.clone())
    }

    fn report_unused(&self) {
        for key in self.values.keys().filter(|key| !self.used.contains(key.get_ref().as_ref())) {
            let message = format!("nothing in the case names it; write \"{{{}}}\" in a value", key.get_ref());
            self.source.report(key.span(), "case.each", message);
        }
    }
}

/// The most values that a template is filled to; memory and time are a multiple.
const MOST_VALUES: usize = 1_000_000;

/// How many values one is made of.
fn size(value: &Spanned<DeValue<'_>>) -> usize {
    match value.get_ref() {
        DeValue::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        DeValue::Table(table) => 1 + table.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// The first `{key}` of a text, with what is before and after it.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (key, after) = rest.split_once('}')?;
    Some((before, key, after))
}

/// A single value as a suite file writes it, without quotes.
fn written(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Float(number) => Some(number.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
