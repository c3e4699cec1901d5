//! `tchbench explain`: why two records are or are not of one experiment.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::records;
use crate::app::results::RESULTS;
use crate::compare::{self, Field, Parting};
use crate::report::fields::{self, fields, row};
use crate::report::{Format, render, terminal_width};
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

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
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
    notes.push(fields::parting(&a, &b, parting.as_ref()));
    add("results", compare::results(&a, &b));
    if let Some(Parting { epoch, values, tensors }) = parting {
        add(&format!("epoch {epoch}"), values);
        // The note names the first few for people.
        if args.all || args.format != Format::Text {
            add(&format!("tensors after epoch {epoch}"), tensors);
        }
    }
    let table = fields(format!("{} and {}", args.a, args.b), ["first", "second"], rows, notes);
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
