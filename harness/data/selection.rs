//! Which images of a dataset a trial sees.

use super::pipeline::Pipeline;
use super::{Dataset, Error, Samples, Split};
use crate::recipe::{DataPlan, SplitBy, SplitName, Validation};
use crate::rng::{Purpose, Stream};

/// Returns what the pipeline makes of these pixels for the first epoch, with their labels.
pub(super) fn samples(pipeline: &Pipeline, pixels: &[u8], labels: Vec<u8>) -> Samples {
    let [height, width] = pipeline.output().map(|side| side as u32);
    Samples { height, width, images: pipeline.apply(pixels, 1), labels }
}

/// Returns the images and labels at these indices, in their order.
pub(super) fn gather(split: &Split, indices: &[u32]) -> (Vec<u8>, Vec<u8>) {
    let size = split.height as usize * split.width as usize;
    let images = split.images.as_slice();
    let labels = split.labels.as_slice();
    let mut pixels = Vec::with_capacity(indices.len() * size);
    for &index in indices {
        pixels.extend_from_slice(&images[index as usize * size..][..size]);
    }
    (pixels, indices.iter().map(|&index| labels[index as usize]).collect())
}

/// Which images, by index into their splits.
pub(super) struct SelectedImages {
    pub train: Vec<u32>,
    pub validation: Option<(SplitName, Vec<u32>)>,
    pub test: Vec<u32>,
}

/// Returns the images that a plan takes, under a trial's seed.
///
/// # Errors
/// Returns [`Error::Plan`] if the plan asks for more images than there are.
pub(super) fn select(dataset: &Dataset, plan: &DataPlan, seed: u64) -> Result<SelectedImages, Error> {
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
    Ok(SelectedImages { train, validation, test })
}

fn expect_count(field: &'static str, count: u32, most: usize) -> Result<(), Error> {
    if (1..=most).contains(&(count as usize)) {
        return Ok(());
    }
    let reason = format!("it must be from 1 to {most}, the samples that there are for it");
    Err(Error::Plan { field, value: count.to_string(), reason })
}
