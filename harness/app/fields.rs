//! Fields of two records side by side.

use crate::compare::{Field, Parting};
use crate::record::TrialRecord;
use crate::report::Cell;

/// Where the trajectories part, for people.
pub fn told(a: &TrialRecord, b: &TrialRecord, parting: Option<&Parting>) -> String {
    let shared = a.epochs.len().min(b.epochs.len());
    match parting {
        None if shared == 0 => "no epoch is in both".to_owned(),
        None => format!("the same trajectory over {shared} epochs"),
        Some(Parting { epoch, tensors, .. }) if tensors.is_empty() => {
            format!("their results part in epoch {epoch}; no tensor is known to differ")
        }
        Some(Parting { epoch, tensors, .. }) => {
            format!("their trajectories part in epoch {epoch}, in {}", list(tensors))
        }
    }
}

/// The first few of many.
fn list(tensors: &[Field]) -> String {
    const SHOWN: usize = 8;
    let shown = tensors.iter().take(SHOWN).map(|tensor| tensor.name.as_str()).collect::<Vec<_>>().join(", ");
    match tensors.len() {
        more if more > SHOWN => format!("{shown} and {} more tensors", more - SHOWN),
        _ => shown,
    }
}

/// A row: the part of the record that the field is of, the field, and both values.
pub fn row(part: &str, field: &Field) -> Vec<Cell> {
    let value = |value: &Option<String>| Cell::maybe(value.clone(), Cell::Text);
    vec![Cell::Text(part.to_owned()), Cell::Text(field.name.clone()), value(&field.a), value(&field.b)]
}
