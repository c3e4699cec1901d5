//! How files and folders in the folder of a run are named.

use std::path::Path;

use super::file::TEMPORARY;

/// The file with a run's plan.
pub(super) const RUN: &str = "run.json";

/// The file that the process which writes to a run holds locked.
pub(super) const LOCK: &str = "lock";

/// The folder of trials' records, events and checkpoints.
pub(super) const TRIALS: &str = "trials";

/// The folder of measurements of throughput.
pub(super) const THROUGHPUT: &str = "throughput";

/// The folder of scores on changed test images.
pub(super) const ROBUSTNESS: &str = "robustness";

/// The folder of what was found by looking into networks.
pub(super) const INSPECT: &str = "inspect";

/// What the name of a checkpoint's JSON file ends in, after the trial's seed and a dot.
pub(super) const CHECKPOINT: &str = "checkpoint.json";

/// Returns whether this is a checkpoint's JSON file rather than a record.
pub(super) fn is_checkpoint(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(&format!(".{CHECKPOINT}")))
}

/// Returns whether this is a file that was being written when its process was killed.
pub(super) fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(TEMPORARY)
}
