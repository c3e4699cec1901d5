//! `tchbench replay`: whether a record's trial gives the same bits here and now.

use std::path::PathBuf;

use crate::app::exit::{Exit, Failure};
use crate::app::options::compute::{interrupt, launcher, undescribed};
use crate::app::records;
use crate::app::results::RESULTS;
use crate::compare::{self, Field};
use crate::record::TrialRecord;
use crate::report::fields::{self, fields, row};
use crate::report::{Format, render, terminal_width};
use crate::runner::{Datasets, observer, repeat};
use crate::terminal::print;

/// Train a record's trial again, from the record alone, and say whether it gives the same bits
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A record's .json file, or RUN/SUITE/CASE/SEED
    record: String,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// Where datasets are searched first
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// No progress
    #[arg(long)]
    quiet: bool,
    /// The form
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The program that trains, called with the argument `worker`
    #[arg(long, hide = true)]
    worker: Option<PathBuf>,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let record = records::find(&args.results, &args.record)?;
    let datasets = comparable(&record, &args)?;
    let (launcher, interrupt) = (launcher(args.worker.as_deref())?, interrupt()?);
    let trial = &record.trial;
    let engine = launcher.describe(&trial.environment, &interrupt).map_err(|fault| {
        let what = format!("{}: it was made on {}", args.record, trial.environment.device);
        undescribed(fault, Exit::Incomparable, &what)
    })?;
    let mut observer = observer(std::slice::from_ref(trial), args.quiet, &interrupt);
    let now = repeat(trial, &launcher, &engine, &datasets, &interrupt, &mut *observer)?;
    drop(observer);
    let now = now.ok_or_else(|| Failure::new(Exit::Interrupted, "interrupted"))?;
    if let (Some(error), Some(_)) = (&now.error, &record.finished) {
        return Err(Failure::new(Exit::TrialFailed, format!("{}: {error}", trial.name())));
    }
    show(&record, &now, args.format)
}

/// The data of the record's trial, if its bits can be asked for at all.
fn comparable(record: &TrialRecord, args: &Args) -> Result<Datasets, Failure> {
    if record.epochs.is_empty() {
        let message = format!("{}: it holds no epoch to compare", args.record);
        return Err(Failure::new(Exit::Incomparable, message));
    }
    let dataset = records::dataset(record, &args.record, args.data.as_deref())?;
    let mut datasets = Datasets::default();
    datasets.add(&dataset)?;
    Ok(datasets)
}

/// Says what differs, and ends accordingly. A trial that had failed is compared as far as it got.
fn show(record: &TrialRecord, now: &TrialRecord, format: Format) -> Result<Exit, Failure> {
    let parting = compare::parting(record, now);
    let mut results = compare::results(record, now);
    results.retain(|field| record.finished.is_some() && field.differs());
    let identical = parting.is_none() && results.is_empty();
    let mut notes = vec![fields::parting(record, now, parting.as_ref())];
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
    if identical && format == Format::Text {
        print(&format!("{title}, {}\n", notes.join(", ")));
        return Ok(Exit::Success);
    }
    let table = fields(title, ["recorded", "now"], rows, notes);
    print(&render(&[table], format, terminal_width()));
    Ok(if identical { Exit::Success } else { Exit::BitsDrifted })
}
