//! What is done to one sample, in the order of [`DataPlan`]: augmentation (or a fixed change), resize,
//! pixel noise, binarise, normalise. Only images are augmented, changed and resized: each channel alike.

use super::augment::{Change, Warp};
use super::resize::Resize;
use super::{Error, Values, noise};
use crate::recipe::shape::Shape;
use crate::recipe::{Augmentation, AugmentationTiming, DataPlan, Fill, Normalize, PixelNoise};
use crate::rng::{Purpose, Stream};

/// The largest height or width that images are resized to.
const MOST_PIXELS: u32 = 1024;

/// What is done to the samples of a split.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// The shape of the samples that come in.
    input: Shape,
    /// The shape of the samples that go out.
    output: Shape,
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

    /// Returns whether every epoch has other images.
    pub fn changes_every_epoch(&self) -> bool {
        let augmented = self.augmentation.is_some_and(|plan| plan.when == AugmentationTiming::EveryEpoch);
        augmented || self.pixel_noise.is_some_and(|plan| plan.when == AugmentationTiming::EveryEpoch)
    }

    /// Returns all samples as `epoch` (from 1) sees them, sample after sample; where changed copies are appended, after
    /// the unchanged ones.
    pub fn apply(&self, values: &Values, epoch: u32) -> Vec<f32> {
        let input = self.input.values().max(1) as usize;
        let size = self.output.values().max(1) as usize;
        let count = values.len() / input;
        let appended = self.augmentation.is_some_and(|plan| plan.when == AugmentationTiming::Appended);
        let copies = if appended { 2 } else { 1 };
        let mut samples = vec![0.0; copies * count * size];
        let mut worker = Worker::new(self, epoch);
        let (unchanged, changed) = samples.split_at_mut((copies - 1) * count * size);
        for (first, augment, samples) in [(0, false, unchanged), (copies - 1, true, changed)] {
            for (index, output) in samples.chunks_exact_mut(size).enumerate() {
                values.read(index * input, &mut worker.plain);
                worker.sample(augment.then_some(index), first * count + index, output);
            }
        }
        samples
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

/// The streams and intermediate samples of a pass.
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
        let [_, height, width] = planes(pipeline.input);
        let values = pipeline.input.values() as usize;
        Worker {
            augmentation: stream(Purpose::Augmentation, pipeline.augmentation.map(|plan| plan.when)),
            pixel_noise: stream(Purpose::PixelNoise, pipeline.pixel_noise.map(|plan| plan.when)),
            plain: vec![0.0; values],
            warped: vec![0.0; values],
            warp: Warp::new(height, width, pipeline.augmentation.map_or(Fill::Zero, |plan| plan.fill)),
            pipeline,
        }
    }

    /// Takes the sample in `plain` through the pipeline; `augmented` is its index among the augmented ones.
    fn sample(&mut self, augmented: Option<usize>, index: usize, output: &mut [f32]) {
        let pipeline = self.pipeline;
        let [_, height, width] = planes(pipeline.input);
        let [channels, ..] = planes(pipeline.output);
        let change = match (&pipeline.augmentation, augmented) {
            (Some(plan), Some(item)) => {
                Some(Change::draw(plan, height, width, &mut self.augmentation.item(item as u64)))
            }
            _ => pipeline.change,
        };
        let values = match change {
            Some(change) => {
                let planes = self.plain.chunks_exact(height * width);
                for (plane, warped) in planes.zip(self.warped.chunks_exact_mut(height * width)) {
                    self.warp.apply(&change, plane, warped);
                }
                &self.warped
            }
            None => &self.plain,
        };
        match &pipeline.resize {
            Some(resize) => {
                let size = output.len() / channels;
                let planes = values.chunks_exact(height * width);
                planes
                    .zip(output.chunks_exact_mut(size))
                    .for_each(|(plane, output)| resize.apply(plane, output));
            }
            None => output.copy_from_slice(values),
        }
        if let Some(noise) = &pipeline.pixel_noise {
            noise::pixels(output, noise, &mut self.pixel_noise.item(index as u64));
        }
        if let Some(threshold) = pipeline.binarize {
            output.iter_mut().for_each(|pixel| *pixel = f32::from(*pixel > threshold));
        }
        if let Some(normalize) = &pipeline.normalize {
            normalize_channels(normalize, pipeline.output, output);
        }
    }
}

/// Normalizes a sample, each channel of an image or each feature of a sequence with values of its own where there are
/// several.
fn normalize_channels(Normalize { mean, std }: &Normalize, shape: Shape, sample: &mut [f32]) {
    let scaled = |value: f32, channel: usize| (value - mean.of(channel) as f32) / std.of(channel) as f32;
    match shape {
        Shape::Image { height, width, .. } => {
            let planes = sample.chunks_exact_mut((height * width) as usize).enumerate();
            planes.for_each(|(channel, plane)| {
                plane.iter_mut().for_each(|pixel| *pixel = scaled(*pixel, channel))
            });
        }
        Shape::Sequence { features, .. } | Shape::Vector { features } => {
            let steps = sample.chunks_exact_mut(features as usize);
            steps.for_each(|step| {
                step.iter_mut().enumerate().for_each(|(feature, value)| *value = scaled(*value, feature));
            });
        }
    }
}

/// Returns the channels, height and width of an image; a sequence is one channel of steps by features.
fn planes(shape: Shape) -> [usize; 3] {
    let [channels, height, width] = match shape {
        Shape::Image { channels, height, width } => [channels, height, width],
        Shape::Sequence { steps, features } => [1, steps, features],
        Shape::Vector { features } => [1, 1, features],
    };
    [channels, height, width].map(|size| size.max(1) as usize)
}
