//! The trials of a run that are scored on changed test images.

use std::path::{Path, PathBuf};

use super::kept::{kept, lacking};
use super::score::{Scoring, score};
use crate::app::exit::{Exit, Failure};
use crate::app::options::output::OutputOptions;
use crate::app::options::selection::FilterOptions;
use crate::app::picture;
use crate::app::runs::select;
use crate::recipe::Trial;
use crate::recipe::transform::Transform;
use crate::record::{Folder, Robustness, TrialRecord, Weights, WeightsChoice};
use crate::report::{robustness, robustness_charts, robustness_rows};
use crate::terminal::tell;

/// The records of a run's tested trials, and what is wrong with some.
pub struct TestedTrials {
    folder: Folder,
    records: Vec<TrialRecord>,
    complaints: Vec<Failure>,
}

impl TestedTrials {
    /// Reads the records of the selected trials that were tested.
    ///
    /// # Errors
    /// Fails if a filter makes no sense, or if there is none.
    pub fn find(folder: Folder, filters: &FilterOptions) -> Result<Self, Failure> {
        let mut complaints = Vec::new();
        let records = tested(&folder, filters, &mut complaints)?;
        Ok(TestedTrials { folder, records, complaints })
    }

    /// Scores what is not kept yet, and keeps it. Returns whether an interrupt ended it.
    ///
    /// # Errors
    /// Fails if the run's device cannot be used, if a dataset is not found, or if the folder cannot be written.
    pub fn score(&mut self, transforms: &[Transform], scoring: &Scoring) -> Result<bool, Failure> {
        let mut unscored = Vec::new();
        for (record, before) in kept(&self.folder, &self.records, &mut self.complaints) {
            if lacking(before.as_ref(), transforms).is_empty() {
                continue;
            }
            let Trial { suite, case, seed, .. } = &record.trial;
            match Weights::of(record, &self.folder.record_path(suite, case, *seed), WeightsChoice::Tested) {
                Ok(weights) => unscored.push((record, weights)),
                Err(error) => self.complaints.push(error.into()),
            }
        }
        if unscored.is_empty() {
            return Ok(false);
        }
        let (failures, interrupted) = score(&self.folder, unscored, transforms, scoring)?;
        self.complaints.extend(failures);
        Ok(interrupted)
    }

    /// Prints the scores under these transforms, and draws them where a picture is asked for. What is damaged is
    /// complained of already.
    ///
    /// # Errors
    /// Fails if a picture cannot be written.
    pub fn show(
        &self,
        transforms: &[Transform],
        out: Option<&Path>,
        output: OutputOptions,
    ) -> Result<(), Failure> {
        let kept = kept(&self.folder, &self.records, &mut Vec::new());
        let mut all: Vec<Robustness> = kept.into_iter().filter_map(|(_, found)| found).collect();
        for one in &mut all {
            one.transformed.retain(|scored| transforms.contains(&scored.transform));
        }
        all.retain(|one| !one.transformed.is_empty());
        if all.is_empty() {
            return Ok(());
        }
        let tables = if output.format.for_people { robustness(&all) } else { vec![robustness_rows(&all)] };
        output.print(&tables);
        let Some(out) = out else { return Ok(()) };
        let charts = robustness_charts(&all);
        for (name, chart) in &charts {
            let path = if charts.len() == 1 { out.to_owned() } else { named(out, name) };
            picture::write(&path, &chart.svg())?;
            tell!("picture: {}", path.display());
        }
        Ok(())
    }

    /// Tells what is wrong, and returns the exit code.
    pub fn end(&self, interrupted: bool) -> Exit {
        self.complaints.iter().for_each(|complaint| tell!("error: {complaint}"));
        if interrupted {
            tell!("interrupted: what was scored is kept; the same command goes on");
            return Exit::Interrupted;
        }
        self.complaints.first().map_or(Exit::Success, |first| first.exit)
    }
}

/// Returns the records of the selected trials that were tested. What cannot be read is a complaint.
fn tested(
    folder: &Folder,
    filters: &FilterOptions,
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
    if let Some(sequences) =
        records.iter().find(|record| !record.trial.experiment.data.geometry.shape.is_image())
    {
        let message = format!(
            "{} was trained on sequences, and only images are scaled, rotated or moved; choose others with --filter",
            sequences.trial.name()
        );
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(records)
}

/// Returns a path with a name added: `curves.svg` becomes `curves-rotate.svg`.
fn named(path: &Path, name: &str) -> PathBuf {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!("{}-{name}.{}", part(path.file_stem()), part(path.extension())))
}
