//! Where runs, baselines and datasets are.

use std::path::PathBuf;
use std::sync::OnceLock;

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
    /// The datasets that were found, once somebody asked.
    #[arg(skip)]
    found: OnceLock<Catalogue>,
}

impl DataFolder {
    /// Returns the folders in which datasets are searched.
    pub fn roots(&self) -> Roots {
        Roots::from_environment(self.folder.clone())
    }

    /// Returns the datasets that can be named, those that were found when it was called first.
    pub fn catalogue(&self) -> Catalogue {
        self.found.get_or_init(|| discover(&self.roots())).clone()
    }
}
