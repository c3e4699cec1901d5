//! The datasets that suites use.

use std::path::PathBuf;

use super::exit::Failure;
use crate::data::{self, Roots};
use crate::runner::Datasets;
use crate::suite::case::Suite;

/// Every dataset that the suites use.
pub fn load(suites: &[Suite], folder: Option<PathBuf>) -> Result<Datasets, Failure> {
    let mut datasets = Datasets::default();
    let roots = Roots::from_environment(folder);
    for name in dataset_names(suites) {
        datasets.add(&data::load(name, &roots)?)?;
    }
    Ok(datasets)
}

/// The datasets that the cases use, each once.
pub fn dataset_names(suites: &[Suite]) -> Vec<&str> {
    let cases = suites.iter().flat_map(|suite| &suite.cases);
    let mut names: Vec<&str> = cases.map(|case| case.experiment.data.dataset.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}
