//! What can be wrong with a dataset.

use std::path::PathBuf;

use super::idx;

/// What can be wrong with a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No dataset has this name.
    #[error("unknown dataset `{name}`{}; there are {known}", nearest.map(|n| format!(", did you mean `{n}`")).unwrap_or_default())]
    Unknown {
        /// The name asked for.
        name: String,
        /// The most similar name.
        nearest: Option<&'static str>,
        /// All names that are known.
        known: String,
    },
    /// Nowhere are all files of the dataset.
    #[error(
        "dataset `{name}` not found; looked in{looked}\n\
         get it with `tchbench data fetch {name}`, or name the folder that holds `{name}/` with --data or TCHBENCH_DATA"
    )]
    NotFound {
        /// The name of the dataset.
        name: &'static str,
        /// One line a folder, and what it lacks.
        looked: String,
    },
    /// An image that is not there.
    #[error("there is no sample {sample}: the test split of `{dataset}` has {count}, 0 to {}", count.saturating_sub(1))]
    Sample {
        /// The name of the dataset.
        dataset: String,
        /// The index asked for.
        sample: u32,
        /// How many there are.
        count: usize,
    },
    /// There is no folder to search or to download to.
    #[error("no data folder: give one with --data or TCHBENCH_DATA (neither XDG_CACHE_HOME nor HOME is set)")]
    NoRoot,
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The path or name of the file.
        path: PathBuf,
        /// The reason, as the system or the library gives it.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The path or name of the file.
        path: PathBuf,
        /// The reason, as the system or the library gives it.
        source: std::io::Error,
    },
    /// A file is not in the form that its name promises.
    #[error("{}: {problem}; remove it and get it anew with `tchbench data fetch {dataset}`", path.display())]
    Malformed {
        /// The path or name of the file.
        path: PathBuf,
        /// The dataset that the file belongs to.
        dataset: &'static str,
        /// What is wrong with its content.
        problem: idx::IdxProblem,
    },
    /// A file's content is not the published one.
    #[error(
        "{}: the SHA-256 of its uncompressed content is {found}, expected {expected}; \
         remove it and get it anew with `tchbench data fetch {dataset}`",
        path.display()
    )]
    WrongDigest {
        /// The path or name of the file.
        path: PathBuf,
        /// The dataset that the file belongs to.
        dataset: &'static str,
        /// The digest that is published.
        expected: &'static str,
        /// The digest of the file.
        found: String,
    },
    /// The embedded dataset came out with other bytes than everywhere else.
    #[error(
        "embedded dataset `{dataset}`: {file} has SHA-256 {found}, expected {expected}; please report this machine"
    )]
    Embedded {
        /// The name of the dataset.
        dataset: &'static str,
        /// Which of its files.
        file: &'static str,
        /// The digest that the program holds.
        expected: &'static str,
        /// The digest of what was generated here.
        found: String,
    },
    /// A dataset that needs no download was asked for.
    #[error("dataset `{name}` is embedded, there is nothing to fetch")]
    NothingToFetch {
        /// The name of the dataset.
        name: &'static str,
    },
    /// No mirror gave the file.
    #[error("no mirror gave {file}:{failures}")]
    Download {
        /// The path or name of the file.
        file: &'static str,
        /// One line a mirror.
        failures: String,
    },
    /// A data plan asks for what the dataset does not have.
    #[error("{field} = {value}: {reason}")]
    Plan {
        /// The field of the plan.
        field: &'static str,
        /// The value of the variable.
        value: String,
        /// What is wrong and what is allowed.
        reason: String,
    },
    /// A dataset cannot be shared with workers.
    #[error("cannot share dataset `{name}` in memory: {reason}")]
    Share {
        /// The name of the dataset.
        name: String,
        /// The reason, as the system or the library gives it.
        reason: String,
    },
}
