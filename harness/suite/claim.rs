//! A suite file's claims.

use serde_json::json;

use super::case::Claim;
use super::metric::{amount, metric};
use crate::metrics::Unit;
use crate::reader::{Value, count, text};

/// Reads a claim on a case that trains for at most `epochs`, with samples held out or not, on so many classes.
pub(super) fn claim(value: &Value<'_>, epochs: u32, held_out: bool, classes: u32) -> Option<Claim> {
    let mut table = value.table()?;
    table.explain::<Claim>();
    table.says(|| json!({ "anyOf": [{ "required": ["at_least"] }, { "required": ["at_most"] }] }));
    let metric = table.required("metric", |value| {
        let metric = metric(value)?;
        if metric.needs_validation() && !held_out {
            return value
                .report("no samples are held out; give validation = { from = \"train\", count = ... }");
        }
        if metric.classes() > classes {
            return value.refuse(format!("the dataset has {classes} classes"));
        }
        Some(metric)
    });
    let bound = |value: &Value<'_>| {
        let bound = amount(metric)(value)?;
        if metric.is_none_or(|metric| metric.unit() != Unit::Epochs) {
            return Some(bound);
        }
        if bound < 1.0 {
            value.refuse("no trial can meet or miss it; epochs count from 1")
        } else if bound > f64::from(epochs) {
            value.refuse(format!("no trial can meet or miss it; there are only {epochs} epochs"))
        } else {
            Some(bound)
        }
    };
    let at_least = table.optional("at_least", bound);
    let at_most = table.optional("at_most", bound);
    let by_epoch = table.optional("by_epoch", count(u32::MAX));
    let source = table.required("source", text);
    if let (Some(Some(by)), Some(place)) = (by_epoch, table.find("by_epoch")) {
        if metric.is_some_and(|metric| !metric.is_of_every_epoch()) {
            return place.report("there is one value of this metric, at the end; leave it out");
        } else if by > epochs {
            return place.refuse(format!("there are only {epochs} epochs"));
        }
    }
    table.finish();
    let metric = metric?;
    let at_least = at_least?;
    let at_most = at_most?;
    match (at_least, at_most) {
        (None, None) => value.report("a claim has at_least, at_most or both"),
        (Some(least), Some(most)) if least > most => value.report("at_least is above at_most"),
        _ => Some(Claim { metric, at_least, at_most, by_epoch: by_epoch?, source: source? }),
    }
}
