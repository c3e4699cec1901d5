//! Single images of the training split, before and after what a trial does to them.

use super::prepare::Prepared;
use super::selection::select;
use super::{Dataset, Error};
use crate::recipe::DataPlan;
use crate::recipe::shape::Shape;

/// One of a trial's training images.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingImage {
    /// In the dataset's training split.
    pub index: u32,
    /// Its class in the dataset.
    pub label: u16,
    /// The class that is taught.
    pub taught: u16,
    /// As the dataset has it, from 0 to 1.
    pub before: Vec<f32>,
    /// As the first epoch sees it; where changed copies are appended, the copy.
    pub after: Vec<f32>,
}

/// Returns the first `count` images of each class that a trial trains on, and the shape of what the first epoch sees.
///
/// # Errors
///
/// [`Error::Plan`] where the plan asks for what the dataset does not have.
pub fn training_images(
    dataset: &Dataset,
    plan: &DataPlan,
    seed: u64,
    count: usize,
) -> Result<(Vec<TrainingImage>, Shape), Error> {
    let indices = select(dataset, plan, seed)?.train;
    let split = &dataset.train;
    let prepared = Prepared::new(dataset, plan, seed)?.train;
    let values_after = prepared.values();
    let before = split.sample_len();
    let after = prepared.shape.values() as usize;
    // Appended copies come last.
    let copies = prepared.labels.len() - indices.len();
    let image = |place: usize| {
        let index = indices[place];
        let mut values = vec![0.0; before];
        split.values.read(index as usize * before, &mut values);
        TrainingImage {
            index,
            label: split.labels.as_slice()[index as usize],
            taught: prepared.labels[copies + place],
            before: values,
            after: values_after[(copies + place) * after..][..after].to_vec(),
        }
    };
    let of_class = |class: u32| {
        let is_of = |place: &usize| u32::from(split.labels.as_slice()[indices[*place] as usize]) == class;
        (0..indices.len()).filter(is_of).take(count).map(image).collect::<Vec<_>>()
    };
    let images = (0..dataset.classes).flat_map(of_class).collect();
    Ok((images, prepared.shape))
}
