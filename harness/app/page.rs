//! Writes the page of experiments.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::exit::{Exit, Failure};
use super::options::folders::{DataFolder, ResultsFolder};
use super::runs::{Runs, folder};
use crate::files;
use crate::recipe::Trial;
use crate::record::{Folder, write_bytes};
use crate::report::inspect::{Subject, ViewFinding};
use crate::report::{self, Published, PublishedInspection};
use crate::suite::load_all_with;
use crate::terminal::tell;

/// Writes the page `out` and its pictures, of all suites in a folder and the runs named, and returns the exit
/// code.
///
/// # Errors
/// Fails if `out` is another file, if a suite or a run cannot be read, or if a file cannot be written.
pub fn write(out: &Path, suites: &Path, results: &ResultsFolder, runs: &[String]) -> Result<Exit, Failure> {
    let Some(name) = out.file_stem().filter(|_| out.extension().is_some_and(|end| end == "md")) else {
        let message = format!("--out {}: the page's name ends in .md", out.display());
        return Err(Failure::new(Exit::Usage, message));
    };
    keep_others(out)?;
    let profiles = load_all_with(suites, &DataFolder::default().catalogue())?;
    let suites: Vec<_> = profiles.into_iter().filter_map(|suites| suites.into_iter().next()).collect();
    let found = Runs::read(&results.folder, runs)?;
    let is_whole = found.is_whole();
    let mut published =
        Published { runs: found.runs, records: found.records, robustness: Vec::new(), looks: Vec::new() };
    let mut complaints = Vec::new();
    for run in runs {
        complaints.extend(add_looks(&folder(&results.folder, run)?, &mut published));
    }
    complaints.iter().for_each(|complaint| tell!("error: {complaint}"));
    let page = report::page(&suites, &published, &name.to_string_lossy());
    let beside = out.parent().unwrap_or(Path::new("")).join(name);
    for (picture, svg) in &page.pictures {
        write_bytes(&beside.join(picture), svg.as_bytes())?;
    }
    write_bytes(out, page.text.as_bytes())?;
    tell!("{}, and {} pictures in {}", out.display(), page.pictures.len(), beside.display());
    Ok(if is_whole && complaints.is_empty() { Exit::Success } else { Exit::BadInput })
}

/// Refuses to write over a file that is no page.
fn keep_others(out: &Path) -> Result<(), Failure> {
    let is_page = match files::read_text(out, files::RECORD) {
        Ok(text) => report::is_page(&text),
        Err(error) => error.kind() == ErrorKind::NotFound,
    };
    if is_page {
        return Ok(());
    }
    let message = format!("--out {}: what is there is no page; give another name", out.display());
    Err(Failure::new(Exit::Usage, message))
}

/// Adds what was found in a run's networks after their training. Returns complaints of what cannot be read, or is
/// of no record here.
fn add_looks(folder: &Folder, published: &mut Published) -> Vec<String> {
    let mut complaints = Vec::new();
    let stray = |path: PathBuf, trial: &str| {
        format!("{}: it is not of the record of {trial} here; make it again", path.display())
    };
    let (robustness, errors) = folder.read_all_robustness();
    complaints.extend(errors.iter().map(ToString::to_string));
    for one in robustness {
        if published.records.iter().any(|record| one.is_of(record)) {
            published.robustness.push(one);
        } else {
            let Trial { suite, case, seed, .. } = &one.trial;
            complaints.push(stray(folder.robustness_path(suite, case, *seed), &one.trial.name()));
        }
    }
    let (inspections, errors) = folder.read_inspections::<ViewFinding>();
    complaints.extend(errors.iter().map(ToString::to_string));
    for (name, inspection) in inspections {
        let known = |subject: &Subject| {
            let is_of = |trial: &Trial| trial.identity == subject.identity && trial.name() == subject.trial;
            published.records.iter().any(|record| is_of(&record.trial))
        };
        let unknown = inspection.found.subjects().into_iter().find(|subject| !known(subject));
        match unknown {
            None => published.looks.push(PublishedInspection { run: folder.name(), name, inspection }),
            Some(subject) => complaints.push(stray(folder.inspection_path(&name), &subject.trial)),
        }
    }
    complaints
}
