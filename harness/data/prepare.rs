//! The samples of a trial: a dataset under a plan and a seed.

use super::pipeline::Pipeline;
use super::selection::{SelectedImages, gather, samples, select};
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
    redrawn: Option<RedrawnImages>,
}

/// What epochs' training images are made from, where they differ.
#[derive(Debug)]
struct RedrawnImages {
    pipeline: Pipeline,
    pixels: Vec<u8>,
}

impl Prepared {
    /// Takes a dataset through a plan, under a trial's seed.
    ///
    /// # Errors
    ///
    /// [`Error::Plan`] where the plan asks for what the dataset does not have.
    pub fn new(dataset: &Dataset, plan: &DataPlan, seed: u64) -> Result<Self, Error> {
        let SelectedImages { train, validation, test } = select(dataset, plan, seed)?;
        let shape = |split: &Split| [split.height, split.width];
        let train_shape = shape(&dataset.train);
        let test_shape = shape(&dataset.test);

        let pipeline = Pipeline::for_training(plan, train_shape, seed)?;
        let (pixels, mut labels) = gather(&dataset.train, &train);
        if plan.label_noise > 0.0 {
            noise::labels(&mut labels, plan.label_noise, dataset.classes, seed);
        }
        if plan.augmentation.is_some_and(|plan| plan.when == AugmentationTiming::Appended) {
            labels.extend_from_within(..);
        }
        let train = samples(&pipeline, &pixels, labels);
        let redrawn = pipeline.changes_every_epoch().then_some(RedrawnImages { pipeline, pixels });

        let held_out = |split: &Split, shape, indices: &[u32]| -> Result<Samples, Error> {
            let (pixels, labels) = gather(split, indices);
            Ok(samples(&Pipeline::for_testing(plan, shape, seed)?, &pixels, labels))
        };
        let validation = match validation {
            Some((SplitName::Train, indices)) => Some(held_out(&dataset.train, train_shape, &indices)?),
            Some((SplitName::Test, indices)) => Some(held_out(&dataset.test, test_shape, &indices)?),
            None => None,
        };
        let test = TestSet::of(dataset, plan, seed, &test)?.map(|test| test.samples());
        Ok(Prepared { train, validation, test, redrawn })
    }

    /// Returns the training images of `epoch` (from 1), where augmentation or pixel noise is drawn anew in every epoch;
    /// `None` where they stay those of `train`. Those of epoch 1 are in `train` already.
    pub fn epoch_images(&self, epoch: u32) -> Option<Vec<f32>> {
        self.redrawn.as_ref().map(|redrawn| redrawn.pipeline.apply(&redrawn.pixels, epoch))
    }
}
