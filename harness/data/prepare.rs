//! The samples of a trial: a dataset under a plan and a seed.

use super::pipeline::Pipeline;
use super::selection::{SelectedImages, samples, select};
use super::test_set::TestSet;
use super::{Dataset, Error, Samples, Split, Values, noise};
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
    redrawn: Option<RedrawnImages>,
}

/// What epochs' training images are made from, where they differ.
#[derive(Debug)]
struct RedrawnImages {
    pipeline: Pipeline,
    values: Values,
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
        let (values, mut labels) = dataset.train.gather(&train);
        if plan.label_noise > 0.0 {
            noise::labels(&mut labels, plan.label_noise, dataset.classes, seed);
        }
        if plan.augmentation.is_some_and(|plan| plan.when == AugmentationTiming::Appended) {
            labels.extend_from_within(..);
        }
        let train = samples(&pipeline, &values, labels);
        let redrawn = pipeline.changes_every_epoch().then_some(RedrawnImages { pipeline, values });

        let held_out = |split: &Split, indices: &[u32]| -> Result<Samples, Error> {
            let (values, labels) = split.gather(indices);
            Ok(samples(&Pipeline::for_testing(plan, split.shape, seed)?, &values, labels))
        };
        let validation = match validation {
            Some((SplitName::Train, indices)) => Some(held_out(&dataset.train, &indices)?),
            Some((SplitName::Test, indices)) => Some(held_out(&dataset.test, &indices)?),
            None => None,
        };
        let test = TestSet::of(dataset, plan, seed, &test)?.map(|test| test.samples());
        Ok(Prepared { train, validation, test, redrawn })
    }

    /// Returns the values of the training samples of `epoch` (from 1), where augmentation or pixel noise is drawn anew in
    /// every epoch; `None` where they stay those of `train`. Those of epoch 1 are in `train` already.
    pub fn epoch_values(&self, epoch: u32) -> Option<Vec<f32>> {
        self.redrawn.as_ref().map(|redrawn| redrawn.pipeline.apply(&redrawn.values, epoch))
    }
}
