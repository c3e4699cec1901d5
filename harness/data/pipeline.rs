//! What is done to one image, in the order of [`DataPlan`]: augmentation (or a fixed change), resize,
//! pixel noise, binarise, normalise.

use super::augment::{Change, Warp};
use super::resize::Resize;
use super::{Error, noise};
use crate::recipe::{Augmentation, AugmentationTiming, DataPlan, Normalize, PixelNoise};
use crate::rng::{Purpose, Stream};

/// The largest height or width that images are resized to.
const MOST_PIXELS: u32 = 1024;

/// What is done to the images of a split.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// Of the images that come in: height and width.
    input: [usize; 2],
    /// Of the images that go out: height and width.
    output: [usize; 2],
    augmentation: Option<Augmentation>,
    /// Of every image that is not augmented.
    change: Option<Change>,
    resize: Option<Resize>,
    pixel_noise: Option<PixelNoise>,
    binarize: Option<f32>,
    normalize: Option<Normalize>,
    seed: u64,
}

impl Pipeline {
    /// Returns the pipeline for training images of [height, width].
    ///
    /// # Errors
    /// Returns an error if the plan asks for what cannot be done.
    pub fn for_training(plan: &DataPlan, input: [u32; 2], seed: u64) -> Result<Self, Error> {
        let augmentation = plan.augmentation;
        Ok(Pipeline {
            augmentation,
            pixel_noise: plan.pixel_noise,
            ..Pipeline::for_testing(plan, input, seed)?
        })
    }

    /// Returns the pipeline for validation and test images of [height, width], which are neither augmented nor noisy.
    ///
    /// # Errors
    /// Returns an error if the plan asks for what cannot be done.
    pub fn for_testing(plan: &DataPlan, input: [u32; 2], seed: u64) -> Result<Self, Error> {
        let output = plan.resize.unwrap_or(input);
        if !output.iter().all(|side| (1..=MOST_PIXELS).contains(side)) {
            return Err(Error::Plan {
                field: "resize",
                value: format!("{output:?}"),
                reason: format!("height and width must be from 1 to {MOST_PIXELS}"),
            });
        }
        let [input, output] = [input, output].map(|shape| shape.map(|side| side as usize));
        Ok(Pipeline {
            input,
            output,
            augmentation: None,
            change: None,
            resize: (input != output).then(|| Resize::new(input, output)),
            pixel_noise: None,
            binarize: plan.binarize.map(|threshold| threshold as f32),
            normalize: plan.normalize,
            seed,
        })
    }

    /// Returns the same pipeline, in which every image that is not augmented is changed by `change` first.
    pub fn with_change(&self, change: Change) -> Self {
        Pipeline { change: Some(change), ..self.clone() }
    }

    /// Returns the height and width of the images that it puts out.
    pub fn output(&self) -> [usize; 2] {
        self.output
    }

    /// Returns whether every epoch has other images.
    pub fn changes_every_epoch(&self) -> bool {
        let augmented = self.augmentation.is_some_and(|plan| plan.when == AugmentationTiming::EveryEpoch);
        augmented || self.pixel_noise.is_some_and(|plan| plan.when == AugmentationTiming::EveryEpoch)
    }

    /// Returns all images as `epoch` (from 1) sees them: `pixels` holds image after image, and so does what is
    /// returned, with the changed copies after the unchanged ones where they are appended.
    pub fn apply(&self, pixels: &[u8], epoch: u32) -> Vec<f32> {
        let count = pixels.len() / (self.input[0] * self.input[1]).max(1);
        let appended = self.augmentation.is_some_and(|plan| plan.when == AugmentationTiming::Appended);
        let copies = if appended { 2 } else { 1 };
        let size = self.output[0] * self.output[1];
        let mut images = vec![0.0; copies * count * size];
        let mut worker = Worker::new(self, epoch);
        let (unchanged, changed) = images.split_at_mut((copies - 1) * count * size);
        for (first, augment, images) in [(0, false, unchanged), (copies - 1, true, changed)] {
            let inputs = pixels.chunks_exact(self.input[0] * self.input[1]);
            for (index, (input, output)) in inputs.zip(images.chunks_exact_mut(size)).enumerate() {
                worker.image(input, augment.then_some(index), first * count + index, output);
            }
        }
        images
    }
}

/// The streams and intermediate images of a pass.
struct Worker<'a> {
    pipeline: &'a Pipeline,
    augmentation: Stream,
    pixel_noise: Stream,
    plain: Vec<f32>,
    warped: Vec<f32>,
    warp: Warp,
}

impl<'a> Worker<'a> {
    fn new(pipeline: &'a Pipeline, epoch: u32) -> Self {
        let stream = |purpose, when: Option<AugmentationTiming>| {
            let epoch = if when == Some(AugmentationTiming::EveryEpoch) { epoch } else { 0 };
            Stream::new(pipeline.seed, purpose, epoch.into())
        };
        let [height, width] = pipeline.input;
        Worker {
            augmentation: stream(Purpose::Augmentation, pipeline.augmentation.map(|plan| plan.when)),
            pixel_noise: stream(Purpose::PixelNoise, pipeline.pixel_noise.map(|plan| plan.when)),
            plain: vec![0.0; height * width],
            warped: vec![0.0; height * width],
            warp: Warp::new(height, width),
            pipeline,
        }
    }

    /// Takes one image through the pipeline; `augmented` is its index among the augmented ones.
    fn image(&mut self, input: &[u8], augmented: Option<usize>, index: usize, output: &mut [f32]) {
        let pipeline = self.pipeline;
        for (pixel, byte) in self.plain.iter_mut().zip(input) {
            *pixel = f32::from(*byte) / 255.0;
        }
        let [height, width] = pipeline.input;
        let change = match (&pipeline.augmentation, augmented) {
            (Some(plan), Some(item)) => {
                Some(Change::draw(plan, height, width, &mut self.augmentation.item(item as u64)))
            }
            _ => pipeline.change,
        };
        let image = match change {
            Some(change) => {
                self.warp.apply(&change, &self.plain, &mut self.warped);
                &self.warped
            }
            None => &self.plain,
        };
        match &pipeline.resize {
            Some(resize) => resize.apply(image, output),
            None => output.copy_from_slice(image),
        }
        if let Some(noise) = &pipeline.pixel_noise {
            noise::pixels(output, noise, &mut self.pixel_noise.item(index as u64));
        }
        if let Some(threshold) = pipeline.binarize {
            output.iter_mut().for_each(|pixel| *pixel = f32::from(*pixel > threshold));
        }
        if let Some(Normalize { mean, std }) = pipeline.normalize {
            let mean = mean as f32;
            let std = std as f32;
            output.iter_mut().for_each(|pixel| *pixel = (*pixel - mean) / std);
        }
    }
}
