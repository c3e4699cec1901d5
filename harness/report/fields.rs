//! Fields of two records side by side: why they are or are not of one experiment, and where their results part.

use super::export::TableFormat;
use super::table::{Cell, Column, Table};
use crate::analysis::Replay;
use crate::compare::{self, Field, FirstDifference};
use crate::recipe::Trial;
use crate::record::TrialRecord;

type FieldColumn = Column<'static, FieldRow>;

/// A field of two records, and which part of the records holds it.
struct FieldRow {
    part: String,
    field: Field,
}

/// Adds the fields of a part that `keep` names.
fn add(to: &mut Vec<FieldRow>, part: impl Into<String>, fields: Vec<Field>, keep: fn(&Field) -> bool) {
    let part = part.into();
    let kept = fields.into_iter().filter(keep);
    to.extend(kept.map(|field| FieldRow { part: part.clone(), field }));
}

/// Returns a table of the fields of two records that differ, or of `all` of their fields.
pub fn explanation(title: String, a: &TrialRecord, b: &TrialRecord, all: bool, format: TableFormat) -> Table {
    let keep = if all { |_: &Field| true } else { Field::differs };
    let identity = compare::identity(&a.trial, &b.trial);
    let first_difference = compare::first_difference(a, b);
    let mut notes = vec![verdict(&identity, a.trial.identity == b.trial.identity)];
    notes.extend(two_names(&a.trial, &b.trial));
    notes.push(where_they_part(a, b, first_difference.as_ref()));
    let mut found = Vec::new();
    add(&mut found, "identity", identity, keep);
    add(&mut found, "fingerprint", compare::fingerprint(&a.fingerprint, &b.fingerprint), keep);
    add(&mut found, "sources", compare::sources(&a.fingerprint, &b.fingerprint), keep);
    add(&mut found, "results", compare::results(a, b), keep);
    if let Some(FirstDifference { epoch, values, tensors }) = first_difference {
        add(&mut found, format!("epoch {epoch}"), values, keep);
        // The note names the first few for people.
        if all || !format.for_people {
            add(&mut found, format!("tensors after epoch {epoch}"), tensors, keep);
        }
    }
    Table::new(title, columns("first", "second"), found).with_notes(notes)
}

/// Returns a table of the fields in which a record differs from the one of its trial trained `now`.
pub fn replay(record: &TrialRecord, now: &TrialRecord, replay: &Replay) -> Table {
    let mut notes = vec![where_they_part(record, now, replay.first_difference.as_ref())];
    let mut found = Vec::new();
    let is_identical = replay.is_identical();
    if !is_identical {
        if !replay.fingerprint.iter().any(Field::differs) {
            notes.push("nothing differs in the fingerprint".to_owned());
        }
        if let Some(first_difference) = &replay.first_difference {
            add(
                &mut found,
                format!("epoch {}", first_difference.epoch),
                first_difference.values.clone(),
                Field::differs,
            );
        }
        add(&mut found, "results", replay.results.clone(), Field::differs);
        add(&mut found, "fingerprint", replay.fingerprint.clone(), Field::differs);
        let sources = compare::sources(&record.fingerprint, &now.fingerprint);
        add(&mut found, "sources", sources, |field| {
            // It was trained again from no suite, and so from no commit.
            field.a.is_some() && field.b.is_some() && field.differs()
        });
    }
    let outcome = if is_identical { "identical" } else { "different" };
    let title = format!("{}: {outcome}", record.trial.name());
    Table::new(title, columns("recorded", "now"), found).with_notes(notes)
}

/// Returns the columns; the values of the two records are headed `a` and `b`.
fn columns(a: &'static str, b: &'static str) -> Vec<FieldColumn> {
    let value = |value: &Option<String>| Cell::maybe(value.as_deref(), Cell::text);
    vec![
        FieldColumn::label("part", "part", |row| Cell::text(&row.part)),
        FieldColumn::label("field", "field", |row| Cell::text(&row.field.name)),
        FieldColumn::new("a", a, move |row| value(&row.field.a)),
        FieldColumn::new("b", b, move |row| value(&row.field.b)),
    ]
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

/// Returns a sentence on data of equal content under two names; `None` if they have one name, or another content.
fn two_names(a: &Trial, b: &Trial) -> Option<String> {
    let [first, second] = [a, b].map(|trial| &trial.experiment.data.dataset);
    (first != second && a.dataset == b.dataset)
        .then(|| format!("`{first}` and `{second}` are the same data: their content has the same digests"))
}

/// Returns a sentence on where the trajectories of two records part.
fn where_they_part(a: &TrialRecord, b: &TrialRecord, at: Option<&FirstDifference>) -> String {
    let shared = a.epochs.len().min(b.epochs.len());
    match at {
        None if shared == 0 => "no epoch is in both".to_owned(),
        None => format!("the same trajectory over {shared} epochs"),
        Some(FirstDifference { epoch, tensors, .. }) if tensors.is_empty() => {
            format!("their results part in epoch {epoch}; no tensor is known to differ")
        }
        Some(FirstDifference { epoch, tensors, .. }) => {
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
