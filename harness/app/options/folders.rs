//! Where runs, baselines and datasets are.

use std::path::PathBuf;

use crate::app::results::RESULTS;

/// The folder of runs.
#[derive(Clone, Debug, clap::Args)]
pub struct ResultsFolder {
    /// The path of the folder.
    #[arg(help = "Where runs are", id = "results", long = "results", value_name = "DIR", default_value = RESULTS)]
    pub folder: PathBuf,
}

/// The folder of accepted results.
#[derive(Clone, Debug, clap::Args)]
pub struct BaselinesFolder {
    /// The path of the folder.
    #[arg(
        help = "Where baselines are",
        id = "baselines",
        long = "baselines",
        value_name = "DIR",
        default_value = "baselines"
    )]
    pub folder: PathBuf,
}

/// The folder of datasets.
#[derive(Clone, Debug, clap::Args)]
pub struct DataFolder {
    /// Where datasets are searched first
    #[arg(id = "data", long = "data", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}
