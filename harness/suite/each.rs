//! A case with `each` or `grid`: one case for every row of values.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeString, DeTable, DeValue};

use crate::reader::{Source, nearest};

/// Puts one case a row in the place of every case with `each` or `grid`, and the row's values in the place of
/// `{key}`; reports an `each` or a `grid` that is wrong.
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
    each: Option<Spanned<DeValue<'a>>>,
    grid: Option<Spanned<DeValue<'a>>>,
    case: DeTable<'a>,
}

impl<'a> Template<'a> {
    fn of(table: &DeTable<'a>) -> Option<Self> {
        let mut case = table.clone();
        let each = case.remove("each");
        let grid = case.remove("grid");
        (each.is_some() || grid.is_some()).then_some(Template { each, grid, case })
    }

    fn cases(&self, source: &Source<'a>, span: Range<usize>) -> Vec<Spanned<DeValue<'a>>> {
        let Some(rows) = self.rows(source, &span) else { return Vec::new() };
        let filled = rows.iter().map(|row| {
            let mut row = EachRow { source, values: row, used: BTreeSet::new() };
            let mut case = DeValue::Table(self.case.clone());
            row.fill_within(&mut case);
            row.report_unused();
            Spanned::new(span.clone(), case)
        });
        filled.collect()
    }

    /// The rows of `each`, or one that is empty, each with every combination of the values of `grid`. `None` if what is
    /// there is wrong, which is reported.
    fn rows(&self, source: &Source<'a>, span: &Range<usize>) -> Option<Vec<DeTable<'a>>> {
        let mut rows = match &self.each {
            Some(each) => written_rows(source, each)?,
            None => vec![DeTable::new()],
        };
        let axes = match &self.grid {
            Some(grid) => axes(source, grid)?,
            None => Vec::new(),
        };
        let key = if self.grid.is_some() { "case.grid" } else { "case.each" };
        let place = self.grid.as_ref().or(self.each.as_ref()).map_or(span.clone(), Spanned::span);
        let combinations =
            axes.iter().map(|(_, values)| values.len()).fold(rows.len(), usize::saturating_mul);
        if combinations.saturating_mul(self.case.values().map(size).sum()) > MOST_VALUES {
            let message =
                format!("its rows make more than {MOST_VALUES} values of the case; give fewer rows");
            source.report(place, key, message);
            return None;
        }
        for (key, values) in axes {
            if rows.iter().any(|row| row.contains_key(key.get_ref().as_ref())) {
                let message = format!("`{}` is in `each`, too; give it in one of them", key.get_ref());
                source.report(key.span(), "case.grid", message);
                return None;
            }
            let with = |row: &DeTable<'a>, value: &Spanned<DeValue<'a>>| {
                let mut row = row.clone();
                row.insert(key.clone(), value.clone());
                row
            };
            rows = rows.iter().flat_map(|row| values.iter().map(move |value| with(row, value))).collect();
        }
        Some(rows)
    }
}

/// The rows of `each`. `None` if it is no list of tables, which is reported.
fn written_rows<'a>(source: &Source<'a>, each: &Spanned<DeValue<'a>>) -> Option<Vec<DeTable<'a>>> {
    let rows = each.get_ref().as_array().map_or(&[][..], |rows| rows);
    let tables: Vec<DeTable<'a>> = rows.iter().filter_map(|row| row.get_ref().as_table()).cloned().collect();
    if tables.is_empty() || tables.len() < rows.len() {
        let want = "write at least one row of values, as in each = [{ width = 10 }, { width = 20 }]";
        source.report(each.span(), "case.each", want);
        return None;
    }
    Some(tables)
}

/// A key of `grid` with its values.
type GridKey<'a> = (Spanned<DeString<'a>>, Vec<Spanned<DeValue<'a>>>);

/// The keys of `grid` with their values, in the order of the file. `None` if it is no table of lists, which is reported.
fn axes<'a>(source: &Source<'a>, grid: &Spanned<DeValue<'a>>) -> Option<Vec<GridKey<'a>>> {
    let want = "write a list of values for each key, as in grid = { width = [10, 20], lr = [0.1, 0.01] }";
    let table = grid.get_ref().as_table().filter(|table| !table.is_empty());
    let Some(table) = table else {
        source.report(grid.span(), "case.grid", want);
        return None;
    };
    let mut axes: Vec<GridKey<'a>> = Vec::new();
    for (key, values) in table.iter() {
        match values.get_ref().as_array() {
            Some(items) if !items.is_empty() => axes.push((key.clone(), items.iter().cloned().collect())),
            _ => {
                source.report(values.span(), "case.grid", want);
                return None;
            }
        }
    }
    axes.sort_by_key(|(key, _)| key.span().start);
    Some(axes)
}

/// One row of `each`, and which of its keys were used.
struct EachRow<'r, 'a> {
    source: &'r Source<'a>,
    values: &'r DeTable<'a>,
    used: BTreeSet<String>,
}

impl<'a> EachRow<'_, 'a> {
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
