//! `tchbench explain`: why two records are or are not of one experiment.

use std::path::PathBuf;

use super::run::RESULTS;
use super::{Ended, Exit, records};
use crate::compare::{self, Field, Parting};
use crate::record::TrialRecord;
use crate::report::{Cell, Column, Format, Table, render, terminal_width};
use crate::terminal::print;

/// Say field by field why two records are or are not of one experiment, and where their results part
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A record's .json file, or RUN/SUITE/CASE/SEED
    a: String,
    /// Another
    b: String,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// Also the fields that are the same
    #[arg(long)]
    all: bool,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) fn execute(args: Args) -> Ended {
    let a = records::find(&args.results, &args.a)?;
    let b = records::find(&args.results, &args.b)?;
    let identity = compare::identity(&a.trial, &b.trial);
    let same = a.trial.identity == b.trial.identity;
    let mut notes = vec![verdict(&identity, same)];
    let mut rows = Vec::new();
    let mut add = |part: &str, fields: Vec<Field>| {
        rows.extend(fields.iter().filter(|field| args.all || field.differs()).map(|field| row(part, field)));
    };
    add("identity", identity);
    add("fingerprint", compare::fingerprint(&a.fingerprint, &b.fingerprint));
    let parting = compare::parting(&a, &b);
    notes.push(told(&a, &b, parting.as_ref()));
    add("results", compare::results(&a, &b));
    if let Some(Parting { epoch, values, tensors }) = parting {
        add(&format!("epoch {epoch}"), values);
        // The note names the first few for people.
        if args.all || args.format != Format::Text {
            add(&format!("tensors after epoch {epoch}"), tensors);
        }
    }
    let table = Table {
        title: format!("{} and {}", args.a, args.b),
        columns: vec![
            Column::new("part", "part"),
            Column::new("field", "field"),
            Column::new("a", "first"),
            Column::new("b", "second"),
        ],
        labels: 2,
        rows,
        notes,
    };
    print(&render(&[table], args.format, terminal_width()));
    Ok(if same { Exit::Success } else { Exit::Incomparable })
}

fn verdict(identity: &[Field], same: bool) -> String {
    let differing = identity.iter().filter(|field| field.differs()).count();
    let all = identity.len();
    match same {
        true => format!("the same experiment: all {all} fields that decide bits are equal"),
        false => format!("not the same experiment: {differing} of {all} fields that decide bits differ"),
    }
}

/// Where the trajectories part, for people.
pub(super) fn told(a: &TrialRecord, b: &TrialRecord, parting: Option<&Parting>) -> String {
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

pub(super) fn row(part: &str, field: &Field) -> Vec<Cell> {
    let value = |value: &Option<String>| Cell::maybe(value.clone(), Cell::Text);
    vec![Cell::Text(part.to_owned()), Cell::Text(field.name.clone()), value(&field.a), value(&field.b)]
}
