//! Makes samples: each goes through a [`Pipeline`] by itself, so that their order decides nothing.

use super::augment::{Change, Warp};
use super::noise;
use super::pipeline::Pipeline;
use super::selected::Selected;
use crate::recipe::shape::Shape;
use crate::recipe::{AugmentationTiming, Fill, Normalize};
use crate::rng::{Purpose, Stream};

/// A pipeline with the samples that come in, as an epoch sees them.
#[derive(Clone, Debug)]
pub struct SampleMaker {
    pipeline: Pipeline,
    selected: Selected,
    epoch: u32,
    augmentation: Stream,
    pixel_noise: Stream,
    /// A sample before and after it is warped.
    plain: Vec<f32>,
    warped: Vec<f32>,
    warp: Warp,
    made: Vec<f32>,
}

impl SampleMaker {
    /// Returns the maker of the samples that `epoch` (from 1) sees.
    pub fn new(pipeline: Pipeline, selected: Selected, epoch: u32) -> Self {
        let stream = |purpose, when: Option<AugmentationTiming>| {
            let epoch = if when == Some(AugmentationTiming::EveryEpoch) { epoch } else { 0 };
            Stream::new(pipeline.seed, purpose, epoch.into())
        };
        let [_, height, width] = planes(pipeline.input);
        let values = pipeline.input.values() as usize;
        SampleMaker {
            epoch,
            augmentation: stream(Purpose::Augmentation, pipeline.augmentation.map(|plan| plan.when)),
            pixel_noise: stream(Purpose::PixelNoise, pipeline.pixel_noise.map(|plan| plan.when)),
            plain: vec![0.0; values],
            warped: vec![0.0; values],
            warp: Warp::new(height, width, pipeline.augmentation.map_or(Fill::Zero, |plan| plan.fill)),
            made: vec![0.0; pipeline.output().values() as usize],
            pipeline,
            selected,
        }
    }

    /// Returns the maker of the same samples as another epoch sees them.
    pub fn at(&self, epoch: u32) -> Self {
        SampleMaker::new(self.pipeline.clone(), self.selected.clone(), epoch)
    }

    /// Returns the epoch whose samples it makes.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Returns all samples, one after the other; where changed copies are appended, after the unchanged ones.
    pub fn all(&mut self) -> Vec<f32> {
        let copies = if self.pipeline.appends() { 2 } else { 1 };
        let size = self.made.len().max(1);
        let mut samples = vec![0.0; copies * self.selected.len() * size];
        for (index, output) in samples.chunks_exact_mut(size).enumerate() {
            self.make_into(index, output);
        }
        samples
    }

    /// Makes the sample at `index` and returns its values.
    pub fn make(&mut self, index: usize) -> &[f32] {
        let mut made = std::mem::take(&mut self.made);
        self.make_into(index, &mut made);
        self.made = made;
        &self.made
    }

    /// Makes a sample into `output`, which has room for one.
    fn make_into(&mut self, index: usize, output: &mut [f32]) {
        let SampleMaker { pipeline, selected, .. } = self;
        let count = selected.len();
        selected.read(index % count, &mut self.plain);
        let augmented = (!pipeline.appends() || index >= count).then_some(index % count);
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
