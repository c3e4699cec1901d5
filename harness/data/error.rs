//! What can be wrong with a dataset.

use std::path::PathBuf;

use super::formats::FormatError;
use super::idx;
use crate::recipe::datasets::ManifestError;

/// What can be wrong with a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No dataset has this name.
    #[error("unknown dataset `{name}`{}; there are {known}", nearest.as_ref().map(|n| format!(", did you mean `{n}`")).unwrap_or_default())]
    Unknown {
        /// The name asked for.
        name: String,
        /// The most similar name.
        nearest: Option<String>,
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
        name: String,
        /// One line a folder, and what it lacks.
        looked: String,
    },
    /// The files of a user's own dataset are nowhere.
    #[error(
        "the files of dataset `{name}` were not found; looked in{looked}\n\
         put them where its manifest says, or into `{name}/` below a folder named with --data or TCHBENCH_DATA"
    )]
    Moved {
        /// The name of the dataset.
        name: String,
        /// One line a folder, and what it lacks.
        looked: String,
    },
    /// A manifest is none.
    #[error(transparent)]
    Invalid(#[from] ManifestError),
    /// The manifest of a dataset that was asked for cannot be used.
    #[error("{why}")]
    Manifest {
        /// What is wrong with it.
        why: String,
    },
    /// A manifest that has another name than its file.
    #[error("{}: its name is `{name}`; rename the file to {name}.toml, or change the name", path.display())]
    Misnamed {
        /// The path of the manifest.
        path: PathBuf,
        /// The name in it.
        name: String,
    },
    /// A dataset does not fit into memory.
    #[error(
        "dataset `{name}` takes {needed} MiB, more than half of this machine's memory ({half} MiB); \
         take fewer or smaller samples, or a larger machine"
    )]
    TooLarge {
        /// The name of the dataset.
        name: String,
        /// What its samples take.
        needed: u64,
        /// Half of the memory.
        half: u64,
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
        dataset: String,
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
        dataset: String,
        /// The digest that is published.
        expected: String,
        /// The digest of the file.
        found: String,
    },
    /// The embedded dataset came out with other bytes than everywhere else.
    #[error(
        "embedded dataset `{dataset}`: {file} has SHA-256 {found}, expected {expected}; please report this machine"
    )]
    Embedded {
        /// The name of the dataset.
        dataset: String,
        /// Which of its files.
        file: String,
        /// The digest that the program holds.
        expected: String,
        /// The digest of what was generated here.
        found: String,
    },
    /// A dataset that needs no download was asked for.
    #[error("dataset `{name}` is embedded, there is nothing to fetch")]
    NothingToFetch {
        /// The name of the dataset.
        name: String,
    },
    /// No mirror gave the file.
    #[error("no mirror gave {file}:{failures}")]
    Download {
        /// The path or name of the file.
        file: String,
        /// One line a mirror.
        failures: String,
    },
    /// A file of a dataset cannot be used.
    #[error(transparent)]
    File(#[from] FormatError),
    /// No format has this name.
    #[error("unknown format `{name}`; there are {known}")]
    Format {
        /// The name asked for.
        name: String,
        /// All names that are known.
        known: String,
    },
    /// No format has files like these.
    #[error("{}: in none of the formats {known}; name one with --format to see why", path.display())]
    Unrecognized {
        /// The file or folder.
        path: PathBuf,
        /// The formats that were tried.
        known: String,
    },
    /// A dataset has another number of samples than its manifest says.
    #[error(
        "{}: {is} {what} samples, but the manifest of `{dataset}` says {expected}; if they are to be so, remove the \
         manifest and add the dataset anew",
        path.display()
    )]
    Count {
        /// The first file of the split.
        path: PathBuf,
        /// The name of the split, `training` or `test`.
        what: &'static str,
        /// How many there are.
        is: usize,
        /// How many the manifest says.
        expected: u32,
        /// The name of the dataset.
        dataset: String,
    },
    /// A dataset has another content than its manifest says.
    #[error(
        "{}: the content of `{dataset}` has changed: its {file} has SHA-256 {found}, its manifest says {expected}; \
         restore the files, or remove the manifest and add the dataset anew",
        path.display()
    )]
    OtherContent {
        /// The first file of the split.
        path: PathBuf,
        /// The name of the dataset.
        dataset: String,
        /// Which array, as the name of the IDX file that it would make.
        file: String,
        /// The digest in the manifest.
        expected: String,
        /// The digest of what was read.
        found: String,
    },
    /// There are more or fewer names of classes than classes.
    #[error(
        "{names} names of classes, but the training samples have {classes} classes; give a name for each"
    )]
    ClassNames {
        /// How many names there are.
        names: usize,
        /// How many classes there are.
        classes: u32,
    },
    /// A folder of images cannot be downloaded.
    #[error("`{name}` is a folder of files, which no mirror can hold; download and unpack it by hand")]
    Folder {
        /// The name of the dataset.
        name: String,
    },
    /// Two files of a dataset that is downloaded have one name.
    #[error("two files of `{name}` are called {file}, which a mirror and a folder have once; rename one")]
    SameName {
        /// The name of the dataset.
        name: String,
        /// The last part of their paths.
        file: String,
    },
    /// There is nothing to test on.
    #[error(
        "the files have no test samples; name theirs with --test, or hold some out with --test-fraction 0.2"
    )]
    NoTest,
    /// There are test samples, and some are to be held out.
    #[error("the files have test samples already; leave --test-fraction out")]
    TwoTests,
    /// A split would be empty.
    #[error("--test-fraction {fraction} of {samples} samples leaves one split without samples; give another")]
    HeldOut {
        /// The fraction asked for.
        fraction: f64,
        /// How many samples there are.
        samples: usize,
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
