//! Fields of two records side by side.

use super::table::{Cell, Column, Table};
use crate::compare::{Field, Parting};
use crate::record::TrialRecord;

/// Returns a sentence on where the trajectories of two records part.
pub fn parting(a: &TrialRecord, b: &TrialRecord, at: Option<&Parting>) -> String {
    let shared = a.epochs.len().min(b.epochs.len());
    match at {
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

/// Returns the names of the first few tensors.
fn list(tensors: &[Field]) -> String {
    const SHOWN: usize = 8;
    let shown = tensors.iter().take(SHOWN).map(|tensor| tensor.name.as_str()).collect::<Vec<_>>().join(", ");
    match tensors.len() {
        more if more > SHOWN => format!("{shown} and {} more tensors", more - SHOWN),
        _ => shown,
    }
}

/// Returns a row: the part of the record that the field is of, the field, and both values.
pub fn row(part: &str, field: &Field) -> Vec<Cell> {
    let value = |value: &Option<String>| Cell::maybe(value.clone(), Cell::Text);
    vec![Cell::Text(part.to_owned()), Cell::Text(field.name.clone()), value(&field.a), value(&field.b)]
}

/// Returns a table of fields of two records, which are headed `a` and `b`.
pub fn fields(title: String, [a, b]: [&'static str; 2], rows: Vec<Vec<Cell>>, notes: Vec<String>) -> Table {
    Table {
        title,
        columns: vec![
            Column::new("part", "part"),
            Column::new("field", "field"),
            Column::new("a", a),
            Column::new("b", b),
        ],
        labels: 2,
        rows,
        notes,
    }
}
