//! The samples of a trial: a dataset under a plan and a seed.

use super::pipeline::Pipeline;
use super::selection::{SelectedImages, select};
use super::test_set::TestSet;
use super::{Dataset, Error, Samples, Split, noise};
use crate::recipe::{AugmentationTiming, DataPlan, SplitName};

/// The samples of a trial, ready for a model.
#[derive(Debug)]
pub struct Prepared {
    /// As the first epoch sees them.
    pub train: Samples,
    /// The samples that are held out for validation.
    pub validation: Option<Samples>,
    /// What is left of the test split; `None` where nothing is.
    pub test: Option<Samples>,
}

impl Prepared {
    /// Takes a dataset through a plan, under a trial's seed.
    ///
    /// # Errors
    ///
    /// [`Error::Plan`] where the plan asks for what the dataset does not have.
    pub fn new(dataset: &Dataset, plan: &DataPlan, seed: u64) -> Result<Self, Error> {
        let SelectedImages { train, validation, test } = select(dataset, plan, seed)?;
        let pipeline = Pipeline::for_training(plan, dataset.train.shape, seed)?;
        let (selected, mut labels) = dataset.train.select(&train);
        if plan.label_noise > 0.0 {
            noise::labels(&mut labels, plan.label_noise, dataset.classes, seed);
        }
        if plan.augmentation.is_some_and(|plan| plan.when == AugmentationTiming::Appended) {
            labels.extend_from_within(..);
        }
        let train = Samples::new(&pipeline, selected, labels);

        let held_out = |split: &Split, indices: &[u32]| -> Result<Samples, Error> {
            let (selected, labels) = split.select(indices);
            Ok(Samples::new(&Pipeline::for_testing(plan, split.shape, seed)?, selected, labels))
        };
        let validation = match validation {
            Some((SplitName::Train, indices)) => Some(held_out(&dataset.train, &indices)?),
            Some((SplitName::Test, indices)) => Some(held_out(&dataset.test, &indices)?),
            None => None,
        };
        let test = TestSet::of(dataset, plan, seed, &test)?.map(|test| test.samples());
        Ok(Prepared { train, validation, test })
    }
}
