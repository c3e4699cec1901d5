//! Reads how a suite's results are to be shown.

use serde::Deserialize;
use serde_json::json;

use super::metric::metric;
use super::presentation::{
    Figure, FigureKind, Form, MOST_METRICS, Presentation, Tabulated, shows_one_metric, undrawable,
};
use super::select::{Selection, meaning};
use crate::metrics::Metric;
use crate::reader::{TomlTable, Value, Within, nearest, number, text, word};

/// Reads the keys `experiment`, `figure` and `table` of a suite with cases of these names.
pub(super) fn presentation(root: &mut TomlTable<'_>, names: &[&str]) -> Option<Presentation> {
    root.explain::<Presentation>();
    root.means("table", "Tables of its results on the page of experiments, in their order.");
    root.means("figure", "Pictures of its results on the page of experiments, in their order.");
    let experiment = root.or("experiment", String::new(), text);
    let tables = root.list("table", |item| item.by_kind("table", |item| tabulated(item, names)));
    let figures = root.list("figure", |item| item.by_kind("figure", |item| figure(item, names)));
    Some(Presentation { experiment: experiment?, tables: tables?, figures: figures? })
}

/// All items, or none where any is wrong, after each has said so.
fn each<T>(value: &Value<'_>, read: impl Fn(&Value<'_>) -> Option<T>) -> Option<Vec<T>> {
    let items: Vec<Option<T>> = value.items()?.iter().map(read).collect();
    items.into_iter().collect()
}

fn figure(value: &Value<'_>, names: &[&str]) -> Option<Figure> {
    let mut table = value.table()?;
    table.explain::<Figure>();
    let kind: Option<FigureKind> = table.required("kind", word);
    let title = table.or("title", String::new(), text);
    let cases = table.list("cases", |item| pattern(item, names));
    let metrics = table.if_given("metrics", |value| {
        value.says(
            || json!({ "maxItems": if kind.is_some_and(shows_one_metric) { 1 } else { MOST_METRICS } }),
        );
        let metrics = each(value, |item| {
            let is_drawn = |metric: &Metric| kind != Some(FigureKind::Curves) || metric.is_of_every_epoch();
            item.says(|| Metric::schema_of(is_drawn).into());
            metric(item)
        })?;
        match undrawable(kind?, &metrics) {
            Some(why) => value.report(why),
            None => Some(metrics),
        }
    });
    let metrics = metrics.map(Option::unwrap_or_default);
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
    table.explain::<Tabulated>();
    table.means("kind", "What its rows and columns are.");
    table.means("headings", "One for each case; the cases' names where empty.");
    table.means("published", "Published training accuracies, one an epoch.");
    table.means("by", "The field of the experiment that a row's value is taken from; the last number in a case's name where none is given.");
    let form = table.required("kind", word);
    let title = table.or("title", String::new(), text);
    let note = table.or("note", String::new(), text);
    let chosen = table.list("cases", |item| pattern(item, names));
    let metrics = match form {
        Some(FormWord::Columns | FormWord::Sweep) => table.list("metrics", metric),
        _ => Some(Vec::new()),
    };
    let form = match form {
        Some(FormWord::Columns) => table.list("headings", text).map(Form::Columns),
        Some(FormWord::Epochs) => table.list("published", number(Within::UpTo(1.0))).map(Form::Epochs),
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

/// A pattern, which means some case.
fn pattern(value: &Value<'_>, names: &[&str]) -> Option<String> {
    let pattern = text(value)?;
    if let Err(error) = Selection::new(std::slice::from_ref(&pattern), None) {
        return value.refuse(error);
    }
    let is_known = {
        let means = meaning(&pattern);
        names.iter().any(|name| means(name))
    };
    if is_known {
        Some(pattern)
    } else {
        value.refuse(format!("no case is called so; {}", nearest(&pattern, names)))
    }
}
