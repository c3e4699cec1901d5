//! What the file of a schedule says of it.

use crate::reader::TomlTable;
use crate::recipe::convention::Convention;
use crate::recipe::patience::Patience;
use crate::valid::Valid;

/// How long a training is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrainingLength {
    /// Steps of one epoch, at least 1.
    pub steps: u64,
    /// At most so many epochs.
    pub epochs: u32,
}

/// A kind of schedule: its keys in a suite file and its formula.
pub trait ScheduleKind: Sized {
    /// The word by which a suite file names it.
    const WORD: &'static str;

    /// Reads its keys, for a rate that begins at `lr`; `convention` gives the constants that are left out. Every mistake is
    /// reported; `None` if there is one.
    fn read(table: &mut TomlTable<'_>, convention: Convention, lr: f64) -> Option<Self>;

    /// Checks the constants of a schedule that comes from a record.
    ///
    /// # Errors
    /// Returns the first constant that no suite file can ask for.
    fn validate(&self) -> Valid {
        Ok(())
    }

    /// Returns whether it watches a validation value.
    fn watches_validation(&self) -> bool {
        false
    }

    /// Returns the learning rate at `step`, counted from 0 over the whole training.
    fn rate(&self, lr: f64, _step: u64, _course: TrainingLength) -> f64 {
        lr
    }

    /// Returns the rate from which the next epoch goes on.
    fn after_epoch(&self, lr: f64, _watched: &mut Patience, _validation_loss: f64) -> f64 {
        lr
    }
}
