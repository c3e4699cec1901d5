//! Exit codes, and failures that carry one.

use rustix::io::Errno;

/// Why the program ends as it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All was done, and nothing is wrong.
    Success = 0,
    /// A fault of the program or of the machine.
    Internal = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// A suite, dataset, record, folder or device cannot be used.
    BadInput = 3,
    /// The filters leave nothing to do.
    NothingSelected = 4,
    /// A trial failed or diverged.
    TrialFailed = 5,
    /// Accuracy is worse than the baseline's.
    AccuracyRegressed = 10,
    /// Training is slower than the baseline's.
    ThroughputRegressed = 11,
    /// Accuracy is worse and training is slower.
    BothRegressed = 12,
    /// Other bits where they must be the same.
    BitsDrifted = 13,
    /// A published figure is not met.
    ClaimNotMet = 14,
    /// Something is better than the baseline's, where that was to be told.
    Improved = 15,
    /// Two records are not of one experiment.
    Incomparable = 20,
    /// Too few or too noisy samples to tell.
    Inconclusive = 21,
    /// Not all was done that was asked for.
    Incomplete = 22,
    /// It was interrupted, as by Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// Returns whether it says that something got worse.
    pub fn is_regression(self) -> bool {
        matches!(self, Exit::AccuracyRegressed | Exit::ThroughputRegressed | Exit::BothRegressed)
    }
}

/// What went wrong, for people, and the exit code it means.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code that it means.
    pub exit: Exit,
    /// What is told: lower case, naming the file, the field, the value and what to do.
    pub message: String,
}

impl Failure {
    /// Returns a failure with this exit code.
    pub fn new(exit: Exit, message: impl std::fmt::Display) -> Self {
        Failure { exit, message: message.to_string() }
    }
}

impl From<crate::suite::Error> for Failure {
    fn from(error: crate::suite::Error) -> Self {
        use crate::suite::Error;
        let exit = match error {
            Error::Filter { .. } | Error::Seeds { .. } | Error::Set { .. } => Exit::Usage,
            _ => Exit::BadInput,
        };
        Failure::new(exit, error)
    }
}

impl From<crate::compare::MarginsError> for Failure {
    fn from(error: crate::compare::MarginsError) -> Self {
        Failure::new(Exit::BadInput, error)
    }
}

impl From<crate::record::Error> for Failure {
    fn from(error: crate::record::Error) -> Self {
        use crate::record::Error;
        let exit = match &error {
            Error::Unwritable { .. } => Exit::Internal,
            Error::Read { source, .. } | Error::Write { source, .. } if is_shortage(source) => {
                let message = format!("{error}; end other programs or raise this one's limits (`ulimit -n`)");
                return Failure::new(Exit::Internal, message);
            }
            _ => Exit::BadInput,
        };
        Failure::new(exit, error)
    }
}

/// Returns whether the machine has too few file descriptors or too little memory, which is no file's fault.
fn is_shortage(error: &std::io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM))
}

impl From<crate::runner::Error> for Failure {
    fn from(error: crate::runner::Error) -> Self {
        match error {
            crate::runner::Error::Record(error) => error.into(),
            error @ crate::runner::Error::Changed { .. } => Failure::new(Exit::BadInput, error),
            error => Failure::new(Exit::Internal, error),
        }
    }
}

impl From<crate::data::Error> for Failure {
    fn from(error: crate::data::Error) -> Self {
        use crate::data::Error;
        let exit = match error {
            Error::Write { .. } | Error::Download { .. } => Exit::Internal,
            Error::Embedded { .. } | Error::Share { .. } => Exit::Internal,
            _ => Exit::BadInput,
        };
        Failure::new(exit, error)
    }
}
