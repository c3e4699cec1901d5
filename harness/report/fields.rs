//! Fields of two records side by side: why they are or are not of one experiment, and where their results part.

use super::export::TableFormat;
use super::table::{Cell, Heading, Table};
use crate::compare::{self, Field, Parting};
use crate::record::TrialRecord;

/// Returns a table of the fields of two records that differ, or of `all` of their fields.
pub fn explanation(title: String, a: &TrialRecord, b: &TrialRecord, all: bool, format: TableFormat) -> Table {
    let identity = compare::identity(&a.trial, &b.trial);
    let same = a.trial.identity == b.trial.identity;
    let mut notes = vec![verdict(&identity, same)];
    let mut rows = Vec::new();
    let mut add = |part: &str, fields: Vec<Field>| {
        rows.extend(fields.iter().filter(|field| all || field.differs()).map(|field| row(part, field)));
    };
    add("identity", identity);
    add("fingerprint", compare::fingerprint(&a.fingerprint, &b.fingerprint));
    let parting = compare::parting(a, b);
    notes.push(where_they_part(a, b, parting.as_ref()));
    add("results", compare::results(a, b));
    if let Some(Parting { epoch, values, tensors }) = parting {
        add(&format!("epoch {epoch}"), values);
        // The note names the first few for people.
        if all || format != TableFormat::TEXT {
            add(&format!("tensors after epoch {epoch}"), tensors);
        }
    }
    fields(title, ["first", "second"], rows, notes)
}

/// Returns a table of the fields in which a record differs from the one of its trial trained `now`, and whether it
/// differs in none that tells of bits. A trial that had failed is compared as far as it got.
pub fn replay(record: &TrialRecord, now: &TrialRecord) -> (Table, bool) {
    let parting = compare::parting(record, now);
    let mut results = compare::results(record, now);
    results.retain(|field| record.finished.is_some() && field.differs());
    let identical = parting.is_none() && results.is_empty();
    let mut notes = vec![where_they_part(record, now, parting.as_ref())];
    let mut rows = Vec::new();
    if !identical {
        let mut add = |part: &str, fields: &[Field]| {
            rows.extend(fields.iter().filter(|field| field.differs()).map(|field| row(part, field)));
        };
        let fingerprint = compare::fingerprint(&record.fingerprint, &now.fingerprint);
        if !fingerprint.iter().any(Field::differs) {
            notes.push("nothing differs in the fingerprint".to_owned());
        }
        if let Some(parting) = &parting {
            add(&format!("epoch {}", parting.epoch), &parting.values);
        }
        add("results", &results);
        add("fingerprint", &fingerprint);
    }
    let outcome = if identical { "identical" } else { "different" };
    let title = format!("{}: {outcome}", record.trial.name());
    (fields(title, ["recorded", "now"], rows, notes), identical)
}

fn verdict(identity: &[Field], same: bool) -> String {
    let differing = identity.iter().filter(|field| field.differs()).count();
    let all = identity.len();
    if same {
        format!("the same experiment: all {all} fields that decide bits are equal")
    } else {
        format!("not the same experiment: {differing} of {all} fields that decide bits differ")
    }
}

/// Returns a sentence on where the trajectories of two records part.
fn where_they_part(a: &TrialRecord, b: &TrialRecord, at: Option<&Parting>) -> String {
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
fn row(part: &str, field: &Field) -> Vec<Cell> {
    let value = |value: &Option<String>| Cell::maybe(value.clone(), Cell::Text);
    vec![Cell::Text(part.to_owned()), Cell::Text(field.name.clone()), value(&field.a), value(&field.b)]
}

/// Returns a table of fields of two records, which are headed `a` and `b`.
fn fields(title: String, [a, b]: [&'static str; 2], rows: Vec<Vec<Cell>>, notes: Vec<String>) -> Table {
    Table {
        title,
        columns: vec![
            Heading::new("part", "part"),
            Heading::new("field", "field"),
            Heading::new("a", a),
            Heading::new("b", b),
        ],
        labels: 2,
        rows,
        notes,
    }
}
