//! A network's step: planned once, computed over and over.

use super::batch::Batch;
use super::layers::{Chain, Input, Pass, PlanBuilder};
use super::loss::{BatchScore, CrossEntropy};
use super::parameters::{GradientSink, Parameters};
use super::transpose::transpose;
use super::vector::Scalar;
use crate::recipe::Convention;
use crate::recipe::layers::Layer;
use crate::recipe::shape::Shape;

/// A network's buffers and order of work. Its weights are the caller's, so that no copy of them is kept.
pub struct PlannedNetwork<S> {
    chain: Chain<S>,
    input: Shape,
    loss: CrossEntropy<S>,
    fewest: usize,
    /// The samples of a batch as the first layer reads them.
    read: Vec<S>,
    /// The samples of a batch, one after the other.
    rows: Vec<S>,
    labels: Vec<u16>,
    /// The outputs of one sample.
    of_one: Vec<S>,
}

/// Samples of which batches are made.
pub trait SampleReader<S> {
    /// Writes the values of the sample at `index`, an image as (channel, row, column), a sequence as (step, feature), and
    /// returns its class.
    fn read(&mut self, index: usize, values: &mut [S]) -> u16;
}

/// Samples of which all values lie in memory.
#[derive(Clone, Copy, Debug)]
pub struct SampleSet<'a, S> {
    /// The values of all samples, sample after sample.
    pub values: &'a [S],
    /// The class of each sample.
    pub labels: &'a [u16],
}

impl<S: Scalar> SampleReader<S> for SampleSet<'_, S> {
    fn read(&mut self, index: usize, values: &mut [S]) -> u16 {
        values.copy_from_slice(&self.values[index * values.len()..][..values.len()]);
        self.labels[index]
    }
}

impl<S: Scalar> PlannedNetwork<S> {
    /// Plans a network whose batches have at most `most` samples.
    pub fn new(layers: &[Layer], convention: Convention, input: Shape, most: usize) -> Self {
        let most = Batch { samples: most };
        let mut builder = PlanBuilder::new(convention, most);
        let chain = Chain::new(layers, input, &mut builder);
        let values = input.values() as usize;
        let loss = CrossEntropy::new(chain.output());
        let read = vec![S::ZERO; if is_as_stored(input) { 0 } else { most.size(input) }];
        let rows = vec![S::ZERO; most.samples * values];
        let of_one = vec![S::ZERO; chain.output().features() as usize];
        PlannedNetwork {
            chain,
            input,
            loss,
            fewest: builder.fewest(),
            read,
            rows,
            labels: Vec::with_capacity(most.samples),
            of_one,
        }
    }

    /// Returns the fewest samples of a batch that can be trained on: batch normalization of vectors wants two.
    pub fn fewest(&self) -> usize {
        self.fewest
    }

    /// Makes a step's gradients from the samples at `index`, and returns their score.
    pub fn train(
        &mut self,
        samples: &mut impl SampleReader<S>,
        index: &[u32],
        noise: u64,
        parameters: &mut Parameters<'_, S>,
        sink: &mut dyn GradientSink<S>,
    ) -> BatchScore {
        let pass = Pass { batch: Batch { samples: index.len() }, training: true, noise };
        self.gather(samples, index);
        let PlannedNetwork { chain, input, loss, read, rows, labels, .. } = self;
        let read = entry(*input, read, rows);
        chain.forward(pass, parameters, read);
        let size = pass.batch.size(chain.output());
        let (outputs, gradients) = chain.ends();
        gradients[..size].copy_from_slice(&outputs[..size]);
        let mut score = BatchScore::default();
        loss.score(pass.batch, &mut gradients[..size], labels, true, &mut score);
        chain.backward(pass, parameters, read, None, sink);
        score
    }

    /// Adds what the samples at `index` score, at most as many as were planned; `see` is told the class of each sample
    /// and the outputs of its last step.
    pub fn evaluate(
        &mut self,
        samples: &mut impl SampleReader<S>,
        index: &[u32],
        parameters: &mut Parameters<'_, S>,
        score: &mut BatchScore,
        mut see: impl FnMut(u16, &[S]),
    ) {
        let batch = Batch { samples: index.len() };
        let pass = Pass { batch, training: false, noise: 0 };
        self.gather(samples, index);
        let PlannedNetwork { chain, input, loss, read, rows, labels, of_one, .. } = self;
        chain.forward(pass, parameters, entry(*input, read, rows));
        let size = batch.size(chain.output());
        let shape = chain.output();
        let classes = shape.features() as usize;
        let steps = shape.values() as usize / classes;
        let (outputs, _) = chain.ends();
        let outputs = &mut outputs[..size];
        for block in batch.blocks() {
            let last = &outputs[block.step(steps - 1, steps, classes)];
            for lane in 0..block.used {
                of_one
                    .iter_mut()
                    .zip(last[lane..].iter().step_by(block.lanes))
                    .for_each(|(to, from)| *to = *from);
                see(labels[block.start + lane], of_one);
            }
        }
        loss.score(batch, outputs, labels, false, score);
    }

    /// Copies the samples at `index` to where the first layer reads them.
    fn gather(&mut self, samples: &mut impl SampleReader<S>, index: &[u32]) {
        let values = self.input.values() as usize;
        self.labels.clear();
        for (&index, row) in index.iter().zip(self.rows.chunks_exact_mut(values)) {
            self.labels.push(samples.read(index as usize, row));
        }
        if is_as_stored(self.input) {
            return;
        }
        let batch = Batch { samples: index.len() };
        match self.input {
            Shape::Image { channels, height, width } => {
                let channels = channels as usize;
                let pixels = (height * width) as usize;
                let pairs = self.rows.chunks_exact(values).zip(self.read.chunks_exact_mut(values));
                for (from, to) in pairs.take(index.len()) {
                    transpose(channels, pixels, from, pixels, to, channels);
                }
            }
            _ => {
                for block in batch.blocks() {
                    let from = &self.rows[block.start * values..];
                    let to = &mut self.read[block.at(values)];
                    if block.used < block.lanes {
                        to.fill(S::ZERO);
                    }
                    transpose(block.used, values, from, values, to, block.lanes);
                }
            }
        }
    }
}

/// Returns whether the first layer reads samples as they are stored.
fn is_as_stored(input: Shape) -> bool {
    input.is_image() && input.features() == 1
}

fn entry<'a, S>(input: Shape, read: &'a [S], rows: &'a [S]) -> Input<'a, S> {
    if is_as_stored(input) {
        Input { values: rows, rows: Some(rows) }
    } else {
        Input { values: read, rows: None }
    }
}
