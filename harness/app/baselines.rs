//! What a run found, in the form of a baseline.

use super::exit::Failure;
use crate::record::{Baseline, Folder};

/// Where baselines are, if nothing else is said.
pub const BASELINES: &str = "baselines";

/// What a run found; a record that cannot be read is a failure, as it might hold the regression.
pub fn of_run(folder: &Folder) -> Result<Vec<Baseline>, Failure> {
    let (found, unreadable) = Baseline::of(folder)?;
    match unreadable.into_iter().next() {
        Some(error) => Err(error.into()),
        None => Ok(found),
    }
}
