//! Since which commit a case is slower, less accurate, or of other bits.

use super::table::{Cell, Column, Table};
use crate::analysis::{Bisection, TriedCommit};
use crate::compare::PairedRatio;

type CommitColumn = Column<'static, TriedCommit>;

/// Returns a table with a row for each commit that was tried, and what was found.
pub fn bisection(found: &Bisection) -> Table {
    let title = format!("{}: commits tried", found.case);
    Table::new(title, columns(found), &found.tried).with_notes(notes(found))
}

fn columns(found: &Bisection) -> Vec<CommitColumn> {
    let ratio =
        |value: fn(PairedRatio) -> f64| move |tried: &TriedCommit| Cell::number(tried.ratio.map(value), 4);
    let any_ratio = found.tried.iter().any(|tried| tried.ratio.is_some());
    vec![
        CommitColumn::detail("commit", |tried| Cell::text(&tried.id)),
        CommitColumn::label("short_commit", "commit", |tried| Cell::Text(short(&tried.id))),
        CommitColumn::label("subject", "subject", |tried| Cell::text(&tried.subject)),
        CommitColumn::new("outcome", "outcome", |tried| Cell::text(tried.outcome.word())),
        CommitColumn::new("ratio", "time", ratio(|ratio| ratio.ratio)).shown_if(any_ratio),
        CommitColumn::new("low", "from", ratio(|ratio| ratio.low)).shown_if(any_ratio),
        CommitColumn::new("high", "to", ratio(|ratio| ratio.high)).shown_if(any_ratio),
        CommitColumn::detail("pairs", |tried| Cell::maybe(tried.ratio, |ratio| Cell::count(ratio.pairs))),
        CommitColumn::detail("reason", |tried| Cell::text(&tried.reason)),
    ]
}

fn notes(found: &Bisection) -> Vec<String> {
    let mut notes = Vec::new();
    let reasons = found.tried.iter().filter(|tried| !tried.reason.is_empty());
    notes.extend(reasons.map(|tried| format!("{}: {}", short(&tried.id), tried.reason)));
    if found.tried.iter().any(|tried| tried.ratio.is_some()) {
        notes.push("time: in units of that of the good commit, with its interval".to_owned());
    }
    let subject = |id: &String| {
        let tried = found.tried.iter().find(|tried| tried.id == *id);
        tried.map(|tried| format!(" ({})", tried.subject)).unwrap_or_default()
    };
    match found.first_bad.as_slice() {
        [one] => notes.push(format!("the first bad commit is {one}{}", subject(one))),
        several => {
            let all: Vec<String> = several.iter().map(|id| short(id)).collect();
            notes.push(format!(
                "the first bad commit is one of {}: those between cannot be told",
                all.join(", ")
            ));
        }
    }
    if let Some(PairedRatio { ratio, low, high, pairs }) = found.ratio {
        notes.push(format!(
            "it takes {ratio:.4} times as long as its parent ({low:.4} to {high:.4} with 95 %, {pairs} pairs of processes)"
        ));
    }
    notes.push(format!("{} builds", found.builds));
    notes
}

fn short(id: &str) -> String {
    id.chars().take(12).collect()
}
