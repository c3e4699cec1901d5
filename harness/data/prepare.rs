//! The samples of a trial: a dataset under a plan and a seed.

use super::pipeline::Pipeline;
use super::test_set::TestSet;
use super::{Dataset, Error, Samples, Split, noise};
use crate::recipe::{DataPlan, SplitBy, SplitName, Validation, When};
use crate::rng::{Purpose, Stream};

/// The samples of a trial, ready for a model.
#[derive(Debug)]
pub struct Prepared {
    /// As the first epoch sees them.
    pub train: Samples,
    /// The samples that are held out for validation.
    pub validation: Option<Samples>,
    /// What is left of the test split; none where nothing is.
    pub test: Option<Samples>,
    redrawn: Option<Redrawn>,
}

/// What epochs' training images are made from, where they differ.
#[derive(Debug)]
struct Redrawn {
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
        let Selection { train, validation, test } = select(dataset, plan, seed)?;
        let shape = |split: &Split| [split.height, split.width];
        let (train_shape, test_shape) = (shape(&dataset.train), shape(&dataset.test));

        let pipeline = Pipeline::for_training(plan, train_shape, seed)?;
        let (pixels, mut labels) = gather(&dataset.train, &train);
        if plan.label_noise > 0.0 {
            noise::labels(&mut labels, plan.label_noise, dataset.classes, seed);
        }
        if plan.augmentation.is_some_and(|plan| plan.when == When::Appended) {
            labels.extend_from_within(..);
        }
        let train = samples(&pipeline, &pixels, labels);
        let redrawn = pipeline.changes_every_epoch().then_some(Redrawn { pipeline, pixels });

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

    /// The training images of `epoch` (from 1), where augmentation or pixel noise is drawn anew in
    /// every epoch; none where they stay those of `train`. Those of epoch 1 are in `train` already.
    pub fn epoch_images(&self, epoch: u32) -> Option<Vec<f32>> {
        self.redrawn.as_ref().map(|redrawn| redrawn.pipeline.apply(&redrawn.pixels, epoch))
    }
}

pub(super) fn samples(pipeline: &Pipeline, pixels: &[u8], labels: Vec<u8>) -> Samples {
    let [height, width] = pipeline.output().map(|side| side as u32);
    Samples { height, width, images: pipeline.apply(pixels, 1), labels }
}

/// The images and labels at these indices, in their order.
pub(super) fn gather(split: &Split, indices: &[u32]) -> (Vec<u8>, Vec<u8>) {
    let size = split.height as usize * split.width as usize;
    let (images, labels) = (split.images.as_slice(), split.labels.as_slice());
    let mut pixels = Vec::with_capacity(indices.len() * size);
    for &index in indices {
        pixels.extend_from_slice(&images[index as usize * size..][..size]);
    }
    (pixels, indices.iter().map(|&index| labels[index as usize]).collect())
}

/// Which images, by index into their splits.
pub(super) struct Selection {
    pub train: Vec<u32>,
    validation: Option<(SplitName, Vec<u32>)>,
    pub test: Vec<u32>,
}

pub(super) fn select(dataset: &Dataset, plan: &DataPlan, seed: u64) -> Result<Selection, Error> {
    let mut train: Vec<u32> = (0..dataset.train.len() as u32).collect();
    let mut test: Vec<u32> = (0..dataset.test.len() as u32).collect();
    let validation = plan.validation.map(|Validation { from, count, by }| {
        let (indices, most) = match from {
            SplitName::Train => (&mut train, dataset.train.len().saturating_sub(1)),
            SplitName::Test => (&mut test, dataset.test.len()),
        };
        expect_count("validation.count", count, most)?;
        if by == SplitBy::Seed {
            Stream::new(seed, Purpose::Split, 0).shuffle(indices);
        }
        let held_out = match from {
            SplitName::Train => indices.split_off(indices.len() - count as usize),
            SplitName::Test => indices.drain(..count as usize).collect(),
        };
        Ok((from, held_out))
    });
    let validation = validation.transpose()?;
    if let Some(count) = plan.train_samples {
        expect_count("train_samples", count, train.len())?;
        train.truncate(count as usize);
    }
    if let Some(count) = plan.test_samples {
        expect_count("test_samples", count, test.len())?;
        test.truncate(count as usize);
    }
    Ok(Selection { train, validation, test })
}

fn expect_count(field: &'static str, count: u32, most: usize) -> Result<(), Error> {
    if (1..=most).contains(&(count as usize)) {
        return Ok(());
    }
    let reason = format!("it must be from 1 to {most}, the samples that there are for it");
    Err(Error::Plan { field, value: count.to_string(), reason })
}
