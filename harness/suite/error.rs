//! Why a suite cannot be used.

use std::path::PathBuf;

use crate::reader::Problem;

/// Why a suite cannot be used, or a selection makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    Read {
        /// Which file or folder.
        path: PathBuf,
        /// Why it cannot be read.
        source: std::io::Error,
    },
    /// A folder without suites.
    #[error("{}: no .toml file in this folder; name a suite file", path.display())]
    NoSuites {
        /// The folder that was named.
        path: PathBuf,
    },
    /// The file is no suite.
    #[error("{}", lines(file, problems))]
    Invalid {
        /// As it was named.
        file: String,
        /// All of them, in the file's order.
        problems: Vec<Problem>,
    },
    /// The suite has no such profile.
    #[error("{file}: no profile `{profile}`; {advice}")]
    Profile {
        /// As it was named.
        file: String,
        /// What was asked for.
        profile: String,
        /// The nearest, or all.
        advice: String,
    },
    /// Values that cannot be set.
    #[error("{}", refused.iter().map(RefusedSetting::to_string).collect::<Vec<_>>().join("\n"))]
    Set {
        /// All of them, in the order in which they were given; a setting with two mistakes is there twice.
        refused: Vec<RefusedSetting>,
    },
    /// A pattern that is no glob.
    #[error("pattern `{pattern}`: {source}; `*` stands for any characters, `?` for one, `[ab]` for a choice")]
    Filter {
        /// What was asked for.
        pattern: String,
        /// Why it is none.
        source: globset::Error,
    },
    /// A `--seeds` that is no list.
    #[error("--seeds `{list}`: {why}; write numbers and ranges, as in 1,2,5-8")]
    Seeds {
        /// What was asked for.
        list: String,
        /// What is wrong with it.
        why: String,
    },
}

/// A value that cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("--set {given}: {why}")]
pub struct RefusedSetting {
    /// The setting as it was given: `training.batch=0`.
    pub given: String,
    /// What is wrong with it.
    pub why: String,
}

/// Problems shown of one file.
const SHOWN: usize = 20;

/// One line a problem.
fn lines(file: &str, problems: &[Problem]) -> String {
    let mut lines: Vec<String> =
        problems.iter().take(SHOWN).map(|problem| format!("{file}:{problem}")).collect();
    if problems.len() > SHOWN {
        lines.push(format!("{file}: and {} more", problems.len() - SHOWN));
    }
    lines.join("\n")
}
