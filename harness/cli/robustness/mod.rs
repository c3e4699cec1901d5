//! `tchbench robustness`: how well trained networks do on changed test images.

mod score;
mod strengths;

use std::path::{Path, PathBuf};

use crate::app::exit::{Exit, Failure};
use crate::app::picture;
use crate::app::records::{self, select};
use crate::app::results::RESULTS;
use crate::recipe::Trial;
use crate::recipe::transform::Transform;
use crate::record::{Error, Folder, Robustness, TrialRecord, Weights, Which};
use crate::report::{Format, render, robustness, robustness_charts, robustness_rows, terminal_width};
use crate::terminal::{print, tell};
use score::score;
use strengths::Strengths;

/// Score trained networks, whose weights were kept, on scaled, rotated and translated test images.
///
/// What is found is kept in the run's folder; what is there already is not computed again, and needs
/// neither weights nor data.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A run by name or path, or `latest`
    #[arg(value_name = "RUN", default_value = "latest")]
    run: String,
    /// Only these cases: one by its name, `case` or `suite/case`, else all with that as a part of it, or a
    /// glob over it; may be repeated
    #[arg(long = "filter", value_name = "PATTERN")]
    filters: Vec<String>,
    #[command(flatten)]
    strengths: Strengths,
    /// Trials side by side [default: cores / threads]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    jobs: Option<u32>,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// Where datasets are searched first
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Draw accuracy against strength into this .svg or .png; of several pictures, each has what it
    /// shows added to the name
    #[arg(long, value_name = "FILE", value_parser = picture::file)]
    out: Option<PathBuf>,
    /// No progress
    #[arg(long)]
    quiet: bool,
    /// The form; csv and json hold full values, a row for each case and strength
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The program that scores, called with the argument `worker`
    #[arg(long, hide = true)]
    worker: Option<PathBuf>,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let folder = records::folder(&args.results, &args.run)?;
    let transforms = args.strengths.transforms();
    let mut complaints = Vec::new();
    let records = records(&folder, &args.filters, &mut complaints)?;
    let mut unscored = Vec::new();
    for (record, before) in kept(&folder, &records, &mut complaints) {
        if lacking(before.as_ref(), &transforms).is_empty() {
            continue;
        }
        let Trial { suite, case, seed, .. } = &record.trial;
        match Weights::of(record, &folder.record_path(suite, case, *seed), Which::Tested) {
            Ok(weights) => unscored.push((record, weights)),
            Err(error) => complaints.push(error.into()),
        }
    }
    let (failures, interrupted) = match unscored.is_empty() {
        true => (Vec::new(), false),
        false => score(&folder, unscored, &transforms, &args)?,
    };
    complaints.extend(failures);
    if !interrupted {
        // What was damaged is complained of already.
        show(&folder, &records, &transforms, &args)?;
    }
    complaints.iter().for_each(|complaint| tell!("error: {complaint}"));
    if interrupted {
        tell!("interrupted: what was scored is kept; the same command goes on");
        return Ok(Exit::Interrupted);
    }
    Ok(complaints.first().map_or(Exit::Success, |first| first.exit))
}

/// The selected trials that have been tested; what cannot be read is a complaint.
fn records(
    folder: &Folder,
    filters: &[String],
    complaints: &mut Vec<Failure>,
) -> Result<Vec<TrialRecord>, Failure> {
    let (mut records, unreadable) = folder.read_trials();
    complaints.extend(unreadable.into_iter().map(Failure::from));
    select(&mut records, filters)?;
    let nothing = |what: &str| {
        let message = format!("{}: {what}; `tchbench table` shows them", folder.path().display());
        Err(Failure::new(Exit::NothingSelected, message))
    };
    if records.is_empty() && complaints.is_empty() {
        return nothing("no record matches");
    }
    records.retain(|record| {
        let tested = record.finished.as_ref().is_some_and(|finished| finished.test.is_some());
        if !tested {
            tell!("note: {} was not tested and is left out", record.trial.name());
        }
        tested
    });
    if records.is_empty() && complaints.is_empty() {
        return nothing("of the records that match, none was tested");
    }
    Ok(records)
}

/// The records with what is kept of their own weights; without those of which it cannot be read, which is
/// a complaint.
fn kept<'r>(
    folder: &Folder,
    records: &'r [TrialRecord],
    complaints: &mut Vec<Failure>,
) -> Vec<(&'r TrialRecord, Option<Robustness>)> {
    let of = |record| match kept_of(folder, record) {
        Ok(found) => Some((record, found)),
        Err(error) => {
            complaints.push(error.into());
            None
        }
    };
    records.iter().filter_map(of).collect()
}

/// What is kept of this record's own weights.
fn kept_of(folder: &Folder, record: &TrialRecord) -> Result<Option<Robustness>, Error> {
    let Trial { suite, case, seed, .. } = &record.trial;
    Ok(folder.read_robustness(suite, case, *seed)?.filter(|found| found.is_of(record)))
}

/// The transforms that nothing is kept of.
fn lacking(kept: Option<&Robustness>, transforms: &[Transform]) -> Vec<Transform> {
    let is_kept = |transform: &Transform| kept.is_some_and(|kept| kept.under(*transform).is_some());
    transforms.iter().copied().filter(|transform| !is_kept(transform)).collect()
}

/// The tables, and the pictures where they are asked for.
fn show(
    folder: &Folder,
    records: &[TrialRecord],
    transforms: &[Transform],
    args: &Args,
) -> Result<(), Failure> {
    let kept = kept(folder, records, &mut Vec::new());
    let mut all: Vec<Robustness> = kept.into_iter().filter_map(|(_, found)| found).collect();
    for one in &mut all {
        one.transformed.retain(|scored| transforms.contains(&scored.transform));
    }
    all.retain(|one| !one.transformed.is_empty());
    if all.is_empty() {
        return Ok(());
    }
    let tables = match args.format {
        Format::Text | Format::Markdown => robustness(&all),
        Format::Csv | Format::Json => vec![robustness_rows(&all)],
    };
    print(&render(&tables, args.format, terminal_width()));
    let Some(out) = &args.out else { return Ok(()) };
    let charts = robustness_charts(&all);
    for (name, chart) in &charts {
        let path = if charts.len() == 1 { out.clone() } else { named(out, name) };
        picture::write(&path, &chart.svg())?;
        tell!("picture: {}", path.display());
    }
    Ok(())
}

/// `curves.svg` becomes `curves-rotate.svg`.
fn named(path: &Path, name: &str) -> PathBuf {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!("{}-{name}.{}", part(path.file_stem()), part(path.extension())))
}
