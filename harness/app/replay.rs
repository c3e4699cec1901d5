//! Trains a record's trial again and compares the bits.

use super::exit::{Exit, Failure};
use super::options::folders::{DataFolder, ResultsFolder};
use super::options::output::{OutputOptions, ProgressOptions};
use super::records;
use super::workers::Workers;
use crate::analysis::Replay;
use crate::record::TrialRecord;
use crate::report::{self, TableFormat};
use crate::runner::{Datasets, repeat};
use crate::terminal::print;

/// A record whose trial can be trained again.
pub struct ReplayedRecord<'a> {
    /// As the user named it.
    name: &'a str,
    record: TrialRecord,
    datasets: Datasets,
}

impl<'a> ReplayedRecord<'a> {
    /// Reads the record, and loads its dataset.
    ///
    /// # Errors
    /// Fails if there is no such record, or if its bits cannot be asked for here.
    pub fn find(name: &'a str, results: &ResultsFolder, data: &DataFolder) -> Result<Self, Failure> {
        let record = records::find(&results.folder, name)?;
        if record.epochs.is_empty() {
            let message = format!("{name}: it holds no epoch to compare");
            return Err(Failure::new(Exit::Incomparable, message));
        }
        let dataset = records::dataset(&record, name, data)?;
        let mut datasets = Datasets::default();
        datasets.add(&dataset)?;
        Ok(ReplayedRecord { name, record, datasets })
    }

    /// Trains the trial again, prints what differs, and returns the exit code.
    ///
    /// # Errors
    /// Fails if the trial cannot be trained here, or fails where the recorded one did not.
    pub fn replay(
        &self,
        workers: &Workers,
        progress: ProgressOptions,
        output: OutputOptions,
    ) -> Result<Exit, Failure> {
        let ReplayedRecord { name, record, datasets } = self;
        let trial = &record.trial;
        let what = format!("{name}: it was made on {}", trial.environment.device);
        let engine = workers.describe(&trial.environment, Exit::Incomparable, &what)?;
        let Workers { launcher, interrupt } = workers;
        let mut observer = progress.observer(std::slice::from_ref(trial), 1, interrupt);
        let now = repeat(trial, launcher, &engine, datasets, interrupt, &mut *observer)?;
        drop(observer);
        let now = now.ok_or_else(|| Failure::new(Exit::Interrupted, "interrupted"))?;
        if let (Some(error), Some(_)) = (&now.error, &record.finished) {
            return Err(Failure::new(Exit::TrialFailed, format!("{}: {error}", trial.name())));
        }
        let replay = Replay::of(record, &now);
        let identical = replay.is_identical();
        let table = report::replay(record, &now, &replay);
        if identical && output.format == TableFormat::TEXT {
            print(&format!("{}, {}\n", table.title, table.notes.join(", ")));
        } else {
            output.print(&[table]);
        }
        Ok(if identical { Exit::Success } else { Exit::BitsDrifted })
    }
}
