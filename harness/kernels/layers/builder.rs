//! Plans layers, one after the other.

use super::kind::PlannedLayer;
use crate::kernels::batch::Batch;
use crate::recipe::Convention;
use crate::recipe::shape::Shape;

/// What layers are planned with, and what they are known by.
#[derive(Clone, Copy, Debug)]
pub struct PlanBuilder {
    /// Whose form layers have.
    pub convention: Convention,
    /// The most samples of a batch.
    pub most: Batch,
    parameters: usize,
    buffers: usize,
    noises: u64,
    two_samples: bool,
}

impl PlanBuilder {
    /// Returns a builder that has planned nothing yet.
    pub fn new(convention: Convention, most: Batch) -> Self {
        PlanBuilder { convention, most, parameters: 0, buffers: 0, noises: 0, two_samples: false }
    }

    /// Returns the index of the next parameter.
    pub fn parameter(&mut self) -> usize {
        self.parameters += 1;
        self.parameters - 1
    }

    /// Returns the index of the next buffer.
    pub fn buffer(&mut self) -> usize {
        self.buffers += 1;
        self.buffers - 1
    }

    /// Returns a number that tells the masks of one layer from another's.
    pub fn noise(&mut self) -> u64 {
        self.noises += 1;
        self.noises
    }

    /// Returns the number of parameters planned so far.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// States that a layer cannot train on a batch of one sample.
    pub fn wants_two_samples(&mut self) {
        self.two_samples = true;
    }

    /// Returns the fewest samples of a batch that all layers can train on.
    pub fn fewest(&self) -> usize {
        if self.two_samples { 2 } else { 1 }
    }
}

/// A layer's description that can be planned.
pub trait Planned<S> {
    /// Plans the layer for inputs of a shape. Parameters and buffers are in the order in which the engine draws them.
    fn plan_layer(&self, input: Shape, builder: &mut PlanBuilder) -> Box<dyn PlannedLayer<S>>;
}
