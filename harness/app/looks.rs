//! What was found in a run's networks after their training.

use std::path::PathBuf;

use crate::recipe::Trial;
use crate::record::Folder;
use crate::report::inspect::{Subject, ViewFinding};
use crate::report::{Published, PublishedInspection};

/// Adds what was found in a run's networks after their training. Returns complaints of what cannot be read, or is
/// of no record here.
pub fn add_looks(folder: &Folder, published: &mut Published) -> Vec<String> {
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
