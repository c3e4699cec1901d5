//! What the file of a layer gives the planned step.

use crate::kernels::batch::Batch;
use crate::kernels::parameters::{GradientSink, Parameters};

/// What a pass over a batch is for.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// The samples that are computed.
    pub batch: Batch,
    /// Whether dropout and batch statistics are on, and what the way back needs is kept.
    pub training: bool,
    /// What the masks of dropout are drawn from.
    pub noise: u64,
}

/// What a layer reads.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a, S> {
    /// The values, as [`Batch`] says how they lie.
    pub values: &'a [S],
    /// The same values, sample after sample, where they are at hand.
    pub rows: Option<&'a [S]>,
}

/// A layer over buffers that were planned before the first step.
pub trait PlannedLayer<S>: Send {
    /// Computes the outputs of a batch.
    fn forward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &mut [S],
    );

    /// Computes gradients after a [`forward`](Self::forward) pass of the same batch in training. `d_output` may be overwritten;
    /// `d_input` is set to the gradients of the inputs, unless it is `None`.
    #[allow(clippy::too_many_arguments, reason = "a layer takes its operands one by one")]
    fn backward(
        &mut self,
        pass: Pass,
        parameters: &mut Parameters<'_, S>,
        input: Input<'_, S>,
        output: &[S],
        d_output: &mut [S],
        d_input: Option<&mut [S]>,
        sink: &mut dyn GradientSink<S>,
    );
}
