//! Where runs, baselines and datasets are.

use std::path::PathBuf;

use crate::app::results::RESULTS;
use crate::data::Roots;
use crate::data::catalogue::{Catalogue, discover};

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
#[derive(Clone, Debug, Default, clap::Args)]
pub struct DataFolder {
    /// Where datasets are searched first
    #[arg(id = "data", long = "data", value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

impl DataFolder {
    /// Returns the folders in which datasets are searched.
    pub fn roots(&self) -> Roots {
        Roots::from_environment(self.folder.clone())
    }

    /// Returns the datasets that can be named.
    pub fn catalogue(&self) -> Catalogue {
        discover(&self.roots())
    }
}
