//! A trial's network, its samples, and what it is asked.

use std::path::PathBuf;

use super::options::InspectOptions;
use crate::app::exit::{Exit, Failure};
use crate::app::records;
use crate::app::workers::Workers;
use crate::data::{self, Dataset, TrainingImage};
use crate::event::{Insight, View};
use crate::recipe::shape::{Reading, ReadingError, Shape};
use crate::recipe::{DataPlan, Trial};
use crate::record::{TrialRecord, Weights, WeightsChoice};
use crate::report::inspect::{Example, Image, Sample, Subject};
use crate::runner::{Datasets, Fault};

/// A trial's network, and the samples that it is shown.
pub struct TrialNetwork<'a> {
    /// As the user named its record.
    name: &'a str,
    record: TrialRecord,
    path: PathBuf,
    dataset: Dataset,
    datasets: Datasets,
    workers: &'a Workers,
}

impl<'a> TrialNetwork<'a> {
    /// Opens the network of the record with this name. Trained weights that are asked for and not there are
    /// told of at once.
    ///
    /// # Errors
    /// Fails if there is no such record, no such weights, or no such dataset.
    pub fn open(name: &'a str, options: &InspectOptions, workers: &'a Workers) -> Result<Self, Failure> {
        let (mut record, path) = records::locate(&options.results.folder, name)?;
        let _there = Weights::of(&record, &path, options.weights)?;
        let dataset = records::dataset(&record, name, &options.data)?;
        let mut datasets = Datasets::default();
        datasets.add(&dataset)?;
        if let Some(device) = options.device {
            record.trial.environment.device = device;
        }
        Ok(TrialNetwork { name, record, path, dataset, datasets, workers })
    }

    /// Returns the trial that trained it.
    pub fn trial(&self) -> &Trial {
        &self.record.trial
    }

    /// Returns what identifies it with these weights.
    pub fn subject(&self, weights: WeightsChoice) -> Subject {
        let trial = self.trial();
        Subject {
            trial: trial.name(),
            identity: trial.identity.clone(),
            weights,
            dataset: trial.experiment.data.dataset.clone(),
            class_names: self.dataset.class_names.clone(),
        }
    }

    /// Returns how it reads an image step by step.
    ///
    /// # Errors
    /// Fails if it does not.
    pub fn reading(&self) -> Result<Reading, Failure> {
        Reading::of(&self.trial().experiment).map_err(|error| self.error(error))
    }

    /// Returns how it reads an image, if it has an answer after every step.
    ///
    /// # Errors
    /// Fails if it has none.
    pub fn answering(&self) -> Result<Reading, Failure> {
        let reading = self.reading()?;
        reading.answers_every_step().map_err(|error| self.error(error))?;
        Ok(reading)
    }

    fn error(&self, error: ReadingError) -> Failure {
        self.refused(format_args!("{error}"))
    }

    /// Returns a failure because the trial is not what is asked for.
    pub fn refused(&self, why: impl std::fmt::Display) -> Failure {
        Failure::new(Exit::BadInput, format!("{}: {why}", self.name))
    }

    /// Returns the number of classes that it tells apart.
    pub fn classes(&self) -> u32 {
        self.trial().experiment.data.geometry.classes
    }

    /// Returns the indices of the first so many samples that the trial is tested on.
    ///
    /// # Errors
    /// Fails if nothing is left to test on.
    pub fn tested(&self, count: u32) -> Result<Vec<u32>, Failure> {
        let Trial { experiment, seed, .. } = self.trial();
        let mut tested = data::test_indices(&self.dataset, &experiment.data, *seed)?;
        if tested.is_empty() {
            return Err(self.refused("nothing is left of the test split to test on: all of it validates"));
        }
        tested.truncate(count as usize);
        Ok(tested)
    }

    /// Returns the sample that is asked for, or the first that the trial is tested on.
    ///
    /// # Errors
    /// Fails if there is no such sample.
    pub fn sample(&self, index: Option<u32>) -> Result<Sample, Failure> {
        let (index, option) = match index {
            Some(index) => (index, "--sample: "),
            None => (self.tested(1)?[0], ""),
        };
        let mut samples = self.samples(&[index]).map_err(|error| match error {
            data::Error::Sample { .. } => Failure::new(Exit::Usage, format!("{option}{error}")),
            error => error.into(),
        })?;
        samples.pop().ok_or_else(|| self.refused("it has no sample"))
    }

    /// Returns samples of the test split, as the network sees them but for their normalisation.
    ///
    /// # Errors
    /// Fails if there is no such sample.
    pub fn samples(&self, indices: &[u32]) -> Result<Vec<Sample>, data::Error> {
        let Trial { experiment, seed, .. } = self.trial();
        let plan = DataPlan { normalize: None, ..experiment.data.clone() };
        let samples = data::test_samples(&self.dataset, &plan, *seed, indices)?;
        let values = samples.values();
        let images = values.chunks_exact(samples.shape.values() as usize);
        let sample = |((&index, label), values): ((&u32, u16), &[f32])| Sample {
            index,
            label,
            image: image(samples.shape, values.to_vec()),
            is_sequence: !samples.shape.is_image(),
        };
        Ok(indices.iter().zip(samples.labels.iter().copied()).zip(images).map(sample).collect())
    }

    /// Returns the first so many training images of each class.
    ///
    /// # Errors
    /// Fails if the images cannot be prepared.
    pub fn examples(&self, count: u32) -> Result<Vec<Example>, data::Error> {
        let Trial { experiment, seed, .. } = self.trial();
        let plan = DataPlan { normalize: None, ..experiment.data.clone() };
        let (images, shape) = data::training_images(&self.dataset, &plan, *seed, count as usize)?;
        let example = |TrainingImage { index, label, taught, before, after }: TrainingImage| {
            let image = self::image(self.dataset.train.shape, before);
            let seen = self::image(shape, after);
            Example {
                seen: (seen != image).then_some(seen),
                sample: Sample { index, label, image, is_sequence: !shape.is_image() },
                taught,
            }
        };
        Ok(images.into_iter().map(example).collect())
    }

    /// Returns what a worker says of it with these weights.
    ///
    /// # Errors
    /// Fails if the worker fails.
    pub fn ask(&self, which: WeightsChoice, view: &View) -> Result<Vec<Insight>, Failure> {
        let Workers { launcher, interrupt } = self.workers;
        let weights = Weights::of(&self.record, &self.path, which)?;
        let dataset = &self.trial().experiment.data.dataset;
        let data = self.datasets.handle(dataset).ok_or_else(|| self.refused("its dataset is not loaded"))?;
        launcher.inspect(self.trial(), data, &weights, view, interrupt).map_err(|fault| match fault {
            Fault::Interrupted => Failure::new(Exit::Interrupted, "interrupted"),
            Fault::Reported { error, out_of_memory: false } => self.refused(error),
            fault => Failure::new(Exit::Internal, format!("{}: {fault}", self.name)),
        })
    }
}

/// Returns a sample as an image. A sequence has its steps across and its features down, from its least value (black) to
/// its greatest (white).
fn image(shape: Shape, values: Vec<f32>) -> Image {
    let size = |side: u32| side as usize;
    match shape {
        Shape::Image { channels, height, width } => {
            Image { channels: size(channels), height: size(height), width: size(width), pixels: values }
        }
        Shape::Sequence { steps, features } => {
            let steps = size(steps);
            let features = size(features);
            let least = values.iter().copied().fold(f32::INFINITY, f32::min);
            let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let range = (most - least).max(f32::MIN_POSITIVE);
            let pixel = |place: usize| (values[place % steps * features + place / steps] - least) / range;
            Image {
                channels: 1,
                height: features,
                width: steps,
                pixels: (0..values.len()).map(pixel).collect(),
            }
        }
        Shape::Vector { features } => Image { channels: 1, height: 1, width: size(features), pixels: values },
    }
}
