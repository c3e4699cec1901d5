//! Single images of the test split, as a trial's network is tested on them.

use super::pipeline::Pipeline;
use super::selection::select;
use super::{Dataset, Error, Samples};
use crate::recipe::DataPlan;

/// Returns the indices, in the dataset's test split, of the samples that a trial is tested on, in their order.
///
/// # Errors
///
/// [`Error::Plan`] where the plan asks for what the dataset does not have.
pub fn test_indices(dataset: &Dataset, plan: &DataPlan, seed: u64) -> Result<Vec<u32>, Error> {
    Ok(select(dataset, plan, seed)?.test)
}

/// Returns the samples with these indices in the dataset's test split, prepared as a trial's test samples are.
///
/// # Errors
///
/// [`Error::Sample`] for an index that is not there; [`Error::Plan`] as [`test_indices`].
pub fn test_samples(
    dataset: &Dataset,
    plan: &DataPlan,
    seed: u64,
    indices: &[u32],
) -> Result<Samples, Error> {
    let split = &dataset.test;
    if let Some(&sample) = indices.iter().find(|&&index| index as usize >= split.len()) {
        return Err(Error::Sample { dataset: dataset.name.clone(), sample, count: split.len() });
    }
    let (selected, labels) = split.select(indices);
    Ok(Samples::new(&Pipeline::for_testing(plan, split.shape, seed)?, selected, labels))
}
