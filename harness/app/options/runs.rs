//! Runs named on the command line.

use super::folders::ResultsFolder;
use crate::app::exit::Failure;
use crate::app::runs::{self, Runs};
use crate::record::Folder;

/// One run by its name.
#[derive(Clone, Debug, clap::Args)]
pub struct OneRun {
    /// A run by name or path, or `latest`
    #[arg(id = "run", value_name = "RUN", default_value = "latest")]
    name: String,
    #[command(flatten)]
    pub results: ResultsFolder,
}

impl OneRun {
    /// Returns the run's folder.
    ///
    /// # Errors
    /// Fails if there is no such run.
    pub fn folder(&self) -> Result<Folder, Failure> {
        runs::folder(&self.results.folder, &self.name)
    }
}

/// Several runs whose records are taken together.
#[derive(Clone, Debug, clap::Args)]
pub struct PooledRuns {
    /// Runs by name or path; records of several are pooled where they are comparable
    #[arg(id = "runs", value_name = "RUN", default_value = "latest")]
    names: Vec<String>,
    #[command(flatten)]
    results: ResultsFolder,
}

impl PooledRuns {
    /// Reads the runs with all their records. Records that cannot be read are told on stderr and left out.
    ///
    /// # Errors
    /// Fails if a run does not exist or its plan cannot be read.
    pub fn read(&self) -> Result<Runs, Failure> {
        Runs::read(&self.results.folder, &self.names)
    }
}
