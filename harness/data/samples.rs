//! Samples ready for a model.

use std::borrow::Cow;

use super::maker::SampleMaker;
use super::pipeline::Pipeline;
use super::selected::Selected;
use crate::recipe::shape::Shape;

/// Samples ready for a model, in the order they are held on the device.
#[derive(Clone, Debug)]
pub struct Samples {
    /// The shape of one sample.
    pub shape: Shape,
    /// The class of each sample.
    pub labels: Vec<u16>,
    source: SampleStore,
}

/// Where samples are, in as little memory as may be.
#[derive(Clone, Debug)]
enum SampleStore {
    /// In the dataset: nothing is done to them.
    Stored(Selected),
    /// All made, one after the other.
    Made(Vec<f32>),
    /// Nowhere: each epoch sees others, and each is made when it is read.
    Drawn(Box<SampleMaker>),
}

/// The values of a sample, in the order of [`Split::values`](super::Split::values).
#[derive(Clone, Copy, Debug)]
pub enum SampleValues<'a> {
    /// Pixels, of which 255 is 1.
    Bytes(&'a [u8]),
    /// Numbers as they are.
    Floats(&'a [f32]),
}

impl Samples {
    /// Returns what a pipeline makes of samples for the first epoch, with their classes.
    pub(super) fn new(pipeline: &Pipeline, selected: Selected, labels: Vec<u16>) -> Self {
        let shape = pipeline.output();
        let source = if pipeline.is_empty() && selected.is_of_bytes() {
            SampleStore::Stored(selected)
        } else {
            let mut maker = SampleMaker::new(pipeline.clone(), selected, 1);
            if pipeline.changes_every_epoch() {
                SampleStore::Drawn(Box::new(maker))
            } else {
                SampleStore::Made(maker.all())
            }
        };
        Samples { shape, labels, source }
    }

    /// Returns no samples, of a shape.
    pub fn none(shape: Shape) -> Self {
        Samples { shape, labels: Vec::new(), source: SampleStore::Made(Vec::new()) }
    }

    /// Returns whether every epoch sees others.
    pub fn changes_every_epoch(&self) -> bool {
        matches!(self.source, SampleStore::Drawn(_))
    }

    /// Makes the samples those that `epoch` (from 1) sees.
    pub fn begin_epoch(&mut self, epoch: u32) {
        if let SampleStore::Drawn(maker) = &mut self.source
            && maker.epoch() != epoch
        {
            **maker = maker.at(epoch);
        }
    }

    /// Makes all samples now that would be made when they are read.
    pub fn make_all(&mut self) {
        if let SampleStore::Drawn(maker) = &mut self.source {
            self.source = SampleStore::Made(maker.all());
        }
    }

    /// Returns the values of a sample.
    pub fn sample(&mut self, index: usize) -> SampleValues<'_> {
        match &mut self.source {
            SampleStore::Stored(selected) => SampleValues::Bytes(selected.bytes(index).unwrap_or_default()),
            SampleStore::Made(values) => {
                let size = self.shape.values() as usize;
                SampleValues::Floats(&values[index * size..][..size])
            }
            SampleStore::Drawn(maker) => SampleValues::Floats(maker.make(index)),
        }
    }

    /// Returns the values of all samples as their epoch sees them, sample after sample, `labels.len() * shape.values()` of
    /// them.
    pub fn values(&self) -> Cow<'_, [f32]> {
        match &self.source {
            SampleStore::Stored(selected) => {
                let size = self.shape.values() as usize;
                let mut values = vec![0.0; selected.len() * size];
                for (place, sample) in values.chunks_exact_mut(size.max(1)).enumerate() {
                    selected.read(place, sample);
                }
                Cow::Owned(values)
            }
            SampleStore::Made(values) => Cow::Borrowed(values),
            SampleStore::Drawn(maker) => Cow::Owned(maker.at(maker.epoch()).all()),
        }
    }
}

impl PartialEq for Samples {
    /// Samples are equal if their shapes, classes and values in this epoch are.
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.labels == other.labels && self.values() == other.values()
    }
}
