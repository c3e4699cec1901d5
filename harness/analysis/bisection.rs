//! What a bisection found.

use crate::compare::PairedRatio;

/// A commit that was tried.
#[derive(Clone, Debug)]
pub struct TriedCommit {
    /// Its hash in hexadecimal.
    pub id: String,
    /// The first line of its message.
    pub subject: String,
    /// What it was found to be.
    pub outcome: CommitOutcome,
    /// The time of its program in units of that of the good commit; `None` if that was not measured.
    pub ratio: Option<PairedRatio>,
    /// Why it is what it is, for people; may be empty.
    pub reason: String,
}

/// What a commit was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// As the good commit.
    Good,
    /// As the bad commit.
    Bad,
    /// It cannot be told.
    Skipped,
}

impl CommitOutcome {
    /// Returns its name, as git has it.
    pub fn word(self) -> &'static str {
        match self {
            CommitOutcome::Good => "good",
            CommitOutcome::Bad => "bad",
            CommitOutcome::Skipped => "skip",
        }
    }
}

/// What a bisection found.
#[derive(Clone, Debug)]
pub struct Bisection {
    /// The suite and case that were looked at.
    pub case: String,
    /// What was tried, in the order of time, the good and the bad end first.
    pub tried: Vec<TriedCommit>,
    /// How many programs were built or failed to build.
    pub builds: usize,
    /// The first bad commit; several, if those beside it cannot be told.
    pub first_bad: Vec<String>,
    /// The time of the first bad commit's program in units of that of its parent; `None` if that was not measured.
    pub ratio: Option<PairedRatio>,
}
