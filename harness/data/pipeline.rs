//! What is done to one sample, in the order of [`DataPlan`]: augmentation (or a fixed change), resize,
//! pixel noise, binarise, normalise. Only images are augmented, changed and resized: each channel alike.

use super::Error;
use super::augment::Change;
use super::resize::Resize;
use crate::recipe::shape::Shape;
use crate::recipe::{Augmentation, AugmentationTiming, DataPlan, Normalize, PixelNoise};

/// The largest height or width that images are resized to.
const MOST_PIXELS: u32 = 1024;

/// What is done to the samples of a split.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The shape of the samples that come in.
    pub(super) input: Shape,
    /// The shape of the samples that go out.
    pub(super) output: Shape,
    pub(super) augmentation: Option<Augmentation>,
    /// Of every image that is not augmented.
    pub(super) change: Option<Change>,
    pub(super) resize: Option<Resize>,
    pub(super) pixel_noise: Option<PixelNoise>,
    pub(super) binarize: Option<f32>,
    pub(super) normalize: Option<Normalize>,
    pub(super) seed: u64,
}

impl Pipeline {
    /// Returns the pipeline for training samples of the shape `input`.
    ///
    /// # Errors
    /// Returns an error if the plan asks for what cannot be done.
    pub fn for_training(plan: &DataPlan, input: Shape, seed: u64) -> Result<Self, Error> {
        if plan.augmentation.is_some() && !input.is_image() {
            return Err(only_images("augmentation", "{ .. }".to_owned()));
        }
        Ok(Pipeline {
            augmentation: plan.augmentation,
            pixel_noise: plan.pixel_noise,
            ..Pipeline::for_testing(plan, input, seed)?
        })
    }

    /// Returns the pipeline for validation and test samples of the shape `input`, which are neither augmented nor noisy.
    ///
    /// # Errors
    /// Returns an error if the plan asks for what cannot be done.
    pub fn for_testing(plan: &DataPlan, input: Shape, seed: u64) -> Result<Self, Error> {
        let (output, resize) = match (input, plan.resize) {
            (_, None) => (input, None),
            (Shape::Image { channels, height: rows, width: columns }, Some([height, width])) => {
                if ![height, width].iter().all(|side| (1..=MOST_PIXELS).contains(side)) {
                    return Err(Error::Plan {
                        field: "resize",
                        value: format!("[{height}, {width}]"),
                        reason: format!("height and width must be from 1 to {MOST_PIXELS}"),
                    });
                }
                let sides = |sides: [u32; 2]| sides.map(|side| side as usize);
                let resize = Resize::new(sides([rows, columns]), sides([height, width]));
                let is_other = [rows, columns] != [height, width];
                (Shape::Image { channels, height, width }, is_other.then_some(resize))
            }
            (_, Some(size)) => return Err(only_images("resize", format!("{size:?}"))),
        };
        Ok(Pipeline {
            input,
            output,
            augmentation: None,
            change: None,
            resize,
            pixel_noise: None,
            binarize: plan.binarize.map(|threshold| threshold as f32),
            normalize: plan.normalize.clone(),
            seed,
        })
    }

    /// Returns the same pipeline, in which every image that is not augmented is changed by `change` first.
    pub fn with_change(&self, change: Change) -> Self {
        Pipeline { change: Some(change), ..self.clone() }
    }

    /// Returns the shape of the samples that it puts out.
    pub fn output(&self) -> Shape {
        self.output
    }

    /// Returns whether changed copies follow the unchanged samples.
    pub fn appends(&self) -> bool {
        self.augmentation.is_some_and(|plan| plan.when == AugmentationTiming::Appended)
    }

    /// Returns whether every epoch has other images.
    pub fn changes_every_epoch(&self) -> bool {
        let augmented = self.augmentation.is_some_and(|plan| plan.when == AugmentationTiming::EveryEpoch);
        augmented || self.pixel_noise.is_some_and(|plan| plan.when == AugmentationTiming::EveryEpoch)
    }

    /// Returns whether samples go out as they come in.
    pub fn is_empty(&self) -> bool {
        self.augmentation.is_none()
            && self.change.is_none()
            && self.resize.is_none()
            && self.pixel_noise.is_none()
            && self.binarize.is_none()
            && self.normalize.is_none()
    }
}

/// The error of what only images can have done to them.
fn only_images(field: &'static str, value: String) -> Error {
    Error::Plan {
        field,
        value,
        reason: "the samples are sequences, and only images can have it; leave it out".to_owned(),
    }
}
