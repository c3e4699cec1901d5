//! What changed from the baseline to a run, besides results.

use super::content::RunFindings;
use super::document::Document;
use crate::compare::Field;
use crate::report::table::{Cell, Column, Table};

type ChangedFieldColumn = Column<'static, ChangedField>;

/// A field that changed, and in which suites.
struct ChangedField {
    suites: Vec<String>,
    field: Field,
}

/// A section on commits, programs, libraries and processors.
pub(super) fn changes(page: &mut Document, comparisons: &[RunFindings]) {
    page.section("changed", "What changed");
    let mut changed: Vec<ChangedField> = Vec::new();
    for suite in comparisons.iter().flat_map(|found| &found.changes) {
        for field in &suite.fields {
            match changed.iter_mut().find(|known| known.field == *field) {
                Some(known) => known.suites.push(suite.suite.clone()),
                None => {
                    changed.push(ChangedField { suites: vec![suite.suite.clone()], field: field.clone() })
                }
            }
        }
    }
    if changed.is_empty() {
        page.paragraph(
            "Of commits, program, libtorch, processor and kernel, nothing that both sides tell of has changed.",
        );
        return;
    }
    let value = |value: &Option<String>| Cell::maybe(value.as_deref(), Cell::text);
    let columns = vec![
        ChangedFieldColumn::label("field", "what", |row| Cell::text(&row.field.name)),
        ChangedFieldColumn::new("baseline", "baseline", move |row| value(&row.field.a)),
        ChangedFieldColumn::new("run", "run", move |row| value(&row.field.b)),
        ChangedFieldColumn::new("suites", "suites", |row| Cell::text(row.suites.join(", "))),
    ];
    page.table(&Table::new("from the baseline to the run", columns, changed));
}
