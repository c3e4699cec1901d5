//! The datasets that suites use.

use std::collections::BTreeSet;

use super::exit::Failure;
use super::options::folders::DataFolder;
use crate::data;
use crate::data::catalogue::require;
use crate::runner::Datasets;
use crate::suite::case::Suite;

/// Loads every dataset that the suites use.
///
/// # Errors
/// Fails if one is not found, or is not the published one.
pub fn load(suites: &[Suite], data: &DataFolder) -> Result<Datasets, Failure> {
    load_named(dataset_names(suites), data)
}

/// Loads datasets by their names.
///
/// # Errors
/// Fails if one is not found, or is not the published one.
pub fn load_named<'a>(
    names: impl IntoIterator<Item = &'a str>,
    data: &DataFolder,
) -> Result<Datasets, Failure> {
    let mut datasets = Datasets::default();
    let roots = data.roots();
    let catalogue = data.catalogue();
    for name in names {
        datasets.add(&data::load_manifest(require(&catalogue, name)?, &roots)?)?;
    }
    Ok(datasets)
}

/// Returns the names of the datasets that the cases use, each once.
pub fn dataset_names(suites: &[Suite]) -> BTreeSet<&str> {
    let cases = suites.iter().flat_map(|suite| &suite.cases);
    cases.map(|case| case.experiment.data.dataset.as_str()).collect()
}
