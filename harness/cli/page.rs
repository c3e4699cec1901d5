//! `tchbench page`: the page of experiments, from records and suites.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::app::exit::{Exit, Failure};
use crate::app::records::{self, Runs};
use crate::app::results::RESULTS;
use crate::files;
use crate::recipe::Trial;
use crate::record::{Folder, write_bytes};
use crate::report::inspect::{Finding, Subject};
use crate::report::{self, Look, Published};
use crate::suite::load_all;
use crate::terminal::tell;

/// Write the page of experiments and its pictures, from the records of runs and the suites' texts
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Runs by name or path
    #[arg(value_name = "RUN", required = true)]
    runs: Vec<String>,
    /// The page; its pictures go into a folder of its name beside it
    #[arg(long, value_name = "FILE", default_value = "docs/experiments.md")]
    out: PathBuf,
    /// The folder of the suites whose texts, tables and figures it shows
    #[arg(long, value_name = "DIR", default_value = "suites")]
    suites: PathBuf,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let Some(folder) = args.out.file_stem().filter(|_| args.out.extension().is_some_and(|end| end == "md"))
    else {
        let message = format!("--out {}: the page's name ends in .md", args.out.display());
        return Err(Failure::new(Exit::Usage, message));
    };
    keep_others(&args.out)?;
    let profiles = load_all(&args.suites)?;
    let suites: Vec<_> = profiles.into_iter().filter_map(|suites| suites.into_iter().next()).collect();
    let found = Runs::read(&args.results, &args.runs)?;
    let is_whole = found.is_whole();
    let mut published =
        Published { runs: found.runs, records: found.records, robustness: Vec::new(), looks: Vec::new() };
    let mut complaints = Vec::new();
    for name in &args.runs {
        complaints.extend(add_looks(&records::folder(&args.results, name)?, &mut published));
    }
    complaints.iter().for_each(|complaint| tell!("error: {complaint}"));
    let page = report::page(&suites, &published, &folder.to_string_lossy());
    let beside = args.out.parent().unwrap_or(Path::new("")).join(folder);
    for (name, svg) in &page.pictures {
        write_bytes(&beside.join(name), svg.as_bytes())?;
    }
    write_bytes(&args.out, page.text.as_bytes())?;
    tell!("{}, and {} pictures in {}", args.out.display(), page.pictures.len(), beside.display());
    Ok(if is_whole && complaints.is_empty() { Exit::Success } else { Exit::BadInput })
}

/// Refuses to write over a file that is no page.
fn keep_others(out: &Path) -> Result<(), Failure> {
    let is_page = match files::read_text(out, files::RECORD) {
        Ok(text) => report::is_page(&text),
        Err(error) => error.kind() == ErrorKind::NotFound,
    };
    match is_page {
        true => Ok(()),
        false => {
            let message = format!("--out {}: what is there is no page; give another name", out.display());
            Err(Failure::new(Exit::Usage, message))
        }
    }
}

/// Adds what was found in a run's networks after their training. What cannot be read, or is of no
/// record here, is a complaint.
fn add_looks(folder: &Folder, published: &mut Published) -> Vec<String> {
    let mut complaints = Vec::new();
    let stray = |path: PathBuf, trial: &str| {
        format!("{}: it is not of the record of {trial} here; make it again", path.display())
    };
    let (robustness, errors) = folder.read_all_robustness();
    complaints.extend(errors.iter().map(ToString::to_string));
    for one in robustness {
        match published.records.iter().any(|record| one.is_of(record)) {
            true => published.robustness.push(one),
            false => {
                let Trial { suite, case, seed, .. } = &one.trial;
                complaints.push(stray(folder.robustness_path(suite, case, *seed), &one.trial.name()));
            }
        }
    }
    let (inspections, errors) = folder.read_inspections::<Finding>();
    complaints.extend(errors.iter().map(ToString::to_string));
    for (name, inspection) in inspections {
        let known = |subject: &Subject| {
            let is_of = |trial: &Trial| trial.identity == subject.identity && trial.name() == subject.trial;
            published.records.iter().any(|record| is_of(&record.trial))
        };
        let unknown = inspection.found.subjects().into_iter().find(|subject| !known(subject));
        match unknown {
            None => published.looks.push(Look { run: folder.name(), name, inspection }),
            Some(subject) => complaints.push(stray(folder.inspection_path(&name), &subject.trial)),
        }
    }
    complaints
}
