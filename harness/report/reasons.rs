//! Why a verdict is what it is, in words.

use crate::compare::{Field, Finding, Quarantine, VerdictKind};

/// Returns why a verdict is what it is, with the fields that forbid the comparison or are under test.
pub(super) fn told<T>(finding: &Finding<T>) -> Vec<String> {
    let values = |field: &Field| format!("{} is {}, was {}", field.name, short(&field.b), short(&field.a));
    let refused = finding.refused.iter().map(|field| format!("not comparable: {}", values(field)));
    let under_test = finding.under_test.iter().map(|field| format!("under test: {}", values(field)));
    refused.chain(under_test).chain(finding.reasons.iter().cloned()).collect()
}

/// Returns fields with the values of both sides, in one line; `None` if there are no fields.
pub(super) fn listed(fields: &[Field]) -> Option<String> {
    let values = |field: &Field| format!("{} is {}, was {}", field.name, short(&field.b), short(&field.a));
    let fields: Vec<String> = fields.iter().map(values).collect();
    (!fields.is_empty()).then(|| fields.join("; "))
}

/// Returns why and until when a case does not fail.
pub(super) fn quarantined(Quarantine { reason, until, only }: &Quarantine) -> String {
    let what = match only {
        Some(VerdictKind::Accuracy) => "accuracy is ",
        Some(VerdictKind::Throughput) => "throughput is ",
        None => "",
    };
    format!("{what}quarantined until {until}: {reason}")
}

/// A value; of a digest, its beginning.
fn short(value: &Option<String>) -> String {
    match value {
        Some(text) if matches!(text.len(), 40 | 64) && text.chars().all(|c| c.is_ascii_hexdigit()) => {
            text.chars().take(12).collect()
        }
        Some(text) => text.clone(),
        None => "none".to_owned(),
    }
}
