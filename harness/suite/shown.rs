//! Reads how a suite's results are to be shown.

use serde::Deserialize;

use super::metric::metric;
use super::presentation::{Figure, FigureKind, Form, Presentation, Tabulated, undrawable};
use super::select::{Selection, meaning};
use crate::metrics::Metric;
use crate::reader::{TomlTable, Value, Within, nearest, number, text, word};

/// Reads the keys `experiment`, `figure` and `table` of a suite with cases of these names.
pub(super) fn presentation(root: &mut TomlTable<'_>, names: &[&str]) -> Option<Presentation> {
    let experiment = root.or("experiment", String::new(), text);
    let tables = root.or("table", Vec::new(), |value| each(value, |item| tabulated(item, names)));
    let figures = root.or("figure", Vec::new(), |value| each(value, |item| figure(item, names)));
    Some(Presentation { experiment: experiment?, tables: tables?, figures: figures? })
}

/// All items, or none where any is wrong, after each has said so.
fn each<T>(value: &Value<'_>, read: impl Fn(&Value<'_>) -> Option<T>) -> Option<Vec<T>> {
    let items: Vec<Option<T>> = value.items()?.iter().map(read).collect();
    items.into_iter().collect()
}

fn figure(value: &Value<'_>, names: &[&str]) -> Option<Figure> {
    let mut table = value.table()?;
    let kind: Option<FigureKind> = table.required("kind", word);
    let title = table.or("title", String::new(), text);
    let cases = table.or("cases", Vec::new(), |value| cases(value, names));
    let metrics = table.or("metrics", Vec::new(), |value| {
        let metrics = metrics(value)?;
        match undrawable(kind?, &metrics) {
            Some(why) => value.report(why),
            None => Some(metrics),
        }
    });
    let by = match kind {
        Some(FigureKind::Sweep) => table.optional("by", text),
        _ => Some(None),
    };
    let against = match kind {
        Some(FigureKind::Pareto) => table.or("against", Metric::PARAMETERS, metric),
        _ => Some(Metric::PARAMETERS),
    };
    table.finish();
    Some(Figure { title: title?, kind: kind?, cases: cases?, metrics: metrics?, by: by?, against: against? })
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FormWord {
    Cases,
    Columns,
    Epochs,
    Sweep,
}

fn tabulated(value: &Value<'_>, names: &[&str]) -> Option<Tabulated> {
    let mut table = value.table()?;
    let form = table.required("kind", word);
    let title = table.or("title", String::new(), text);
    let note = table.or("note", String::new(), text);
    let chosen = table.or("cases", Vec::new(), |value| cases(value, names));
    let metrics = match form {
        Some(FormWord::Columns | FormWord::Sweep) => table.or("metrics", Vec::new(), metrics),
        _ => Some(Vec::new()),
    };
    let form = match form {
        Some(FormWord::Columns) => table.or("headings", Vec::new(), texts).map(Form::Columns),
        Some(FormWord::Epochs) => table.or("published", Vec::new(), fractions).map(Form::Epochs),
        Some(FormWord::Sweep) => table.optional("by", text).map(Form::Sweep),
        Some(FormWord::Cases) => Some(Form::Cases),
        None => None,
    };
    if let (Some(Form::Columns(headings)), Some(patterns)) = (&form, &chosen)
        && let Some(place) = table.find("headings")
    {
        let meant: Vec<_> = patterns.iter().map(|pattern| meaning(pattern)).collect();
        let is_taken = |name: &&&str| meant.is_empty() || meant.iter().any(|means| means(name));
        let count = names.iter().filter(is_taken).count();
        if headings.len() != count {
            return place.report(format!("there are {} headings for {count} cases", headings.len()));
        }
    }
    table.finish();
    Some(Tabulated { title: title?, form: form?, cases: chosen?, metrics: metrics?, note: note? })
}

fn texts(value: &Value<'_>) -> Option<Vec<String>> {
    each(value, text)
}

fn fractions(value: &Value<'_>) -> Option<Vec<f64>> {
    each(value, number(Within::UpTo(1.0)))
}

fn metrics(value: &Value<'_>) -> Option<Vec<Metric>> {
    each(value, metric)
}

/// Patterns, each of which means some case.
fn cases(value: &Value<'_>, names: &[&str]) -> Option<Vec<String>> {
    let pattern = |item: &Value<'_>| {
        let pattern = text(item)?;
        if let Err(error) = Selection::new(std::slice::from_ref(&pattern), None) {
            return item.refuse(error);
        }
        let is_known = {
            let means = meaning(&pattern);
            names.iter().any(|name| means(name))
        };
        if is_known {
            Some(pattern)
        } else {
            item.refuse(format!("no case is called so; {}", nearest(&pattern, names)))
        }
    };
    each(value, pattern)
}
