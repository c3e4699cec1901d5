//! Which images of a dataset a trial sees.

use super::{Dataset, Error};
use crate::recipe::{DataPlan, SplitBy, SplitName, Validation};
use crate::rng::{Purpose, Stream};

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
        Ok::<_, Error>((from, held_out))
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
