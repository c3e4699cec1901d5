//! A suite's data and hyper-parameters in a few words.

use serde_json::Value;

use super::super::units;
use crate::escape::markdown;
use crate::suite::case::{Case, Suite};

/// Returns data and training, each in a line: what all cases share, and the values in which they differ.
pub(super) fn in_short(suites: &[&Suite]) -> String {
    let data = said(
        suites,
        &[
            ("", &|case| case.experiment.data.dataset.clone()),
            ("trained on the first ", &|case| counted(case.experiment.data.train_samples)),
            ("tested on the first ", &|case| counted(case.experiment.data.test_samples)),
            ("held out: ", &|case| {
                let Some(held) = &case.experiment.data.validation else { return String::new() };
                let from = plain(&held.from);
                format!("{} of the {from} images by {}", units::count(held.count.into()), plain(&held.by))
            }),
            ("label noise ", &|case| of(case.experiment.data.label_noise)),
            ("augmentation: ", &|case| optional(&case.experiment.data.augmentation)),
            ("resized to ", &|case| {
                case.experiment.data.resize.map_or(String::new(), |[h, w]| format!("{h} x {w}"))
            }),
            ("pixel noise: ", &|case| optional(&case.experiment.data.pixel_noise)),
            ("1 where a pixel is above ", &|case| optional(&case.experiment.data.binarize)),
            ("normalised with ", &|case| optional(&case.experiment.data.normalize)),
        ],
    );
    let training = said(
        suites,
        &[
            ("convention ", &|case| plain(&case.experiment.convention)),
            ("optimizer ", &|case| plain(&case.experiment.training.optimizer)),
            ("batch ", &|case| case.experiment.training.batch.to_string()),
            ("epochs ", &|case| case.experiment.training.epochs.to_string()),
            ("schedule ", &|case| match plain(&case.experiment.training.schedule) {
                constant if constant == "constant" => String::new(),
                other => other,
            }),
            ("weight decay ", &|case| of(case.experiment.training.weight_decay)),
            ("early stopping: ", &|case| optional(&case.experiment.training.early_stopping)),
            ("seeds ", &|case| case.seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")),
        ],
    );
    format!("- Data: {}\n- Training: {}\n", markdown::words(&data), markdown::words(&training))
}

type Aspect<'a> = (&'a str, &'a dyn Fn(&Case) -> String);

/// Each aspect once; where cases differ in it, all its values in their order.
fn said(suites: &[&Suite], aspects: &[Aspect]) -> String {
    let mut parts = Vec::new();
    for (name, of) in aspects {
        let mut values: Vec<String> = Vec::new();
        for value in suites.iter().flat_map(|suite| &suite.cases).map(of) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if values.iter().all(String::is_empty) {
            continue;
        }
        let values: Vec<String> = values
            .into_iter()
            .map(|value| if value.is_empty() { none_of(name).to_owned() } else { value })
            .collect();
        parts.push(format!("{name}{}", values.join(" or ")));
    }
    parts.join("; ")
}

/// Of a split that is cut short; `None` where it is whole.
fn counted(count: Option<u32>) -> String {
    count.map_or(String::new(), |count| units::count(count.into()))
}

/// Where a case has no value of an aspect that others have.
fn none_of(aspect: &str) -> &'static str {
    if aspect.ends_with(" first ") { "all" } else { "none" }
}

fn of(value: f64) -> String {
    if value == 0.0 { String::new() } else { value.to_string() }
}

fn optional<T: serde::Serialize>(value: &Option<T>) -> String {
    value.as_ref().map_or(String::new(), plain)
}

/// A value of a recipe as its fields say it: `adam, lr 0.001, beta1 0.9`.
fn plain<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(Value::Object(fields)) => {
            let kind = fields.get("kind").and_then(Value::as_str).map(str::to_owned);
            let others = fields.iter().filter(|(key, value)| *key != "kind" && is_said(value));
            let others = others.map(|(key, value)| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("{} {value}", key.replace('_', " "))
            });
            kind.into_iter().chain(others).collect::<Vec<_>>().join(", ")
        }
        Ok(value) => value.to_string(),
        Err(_) => String::new(),
    }
}

/// What is switched off is not said.
fn is_said(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_f64() != Some(0.0)
}

/// Returns every case with what it is; folded away.
pub(super) fn cases(suite: &Suite) -> String {
    let count = suite.cases.len();
    let mut text =
        format!("\n<details><summary>Its {count} case{}</summary>\n\n", if count == 1 { "" } else { "s" });
    text += "| case | | parameters |\n| :--- | :--- | ---: |\n";
    for case in &suite.cases {
        let parameters = case.parameters.map_or("-".to_owned(), units::count);
        text += &format!(
            "| {} | {} | {parameters} |\n",
            markdown::words(&case.name),
            markdown::words(&case.description)
        );
    }
    text + "\n</details>\n"
}
