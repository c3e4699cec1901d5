//! Products of weights with samples that lie side by side, forward and back.
//!
//! Weights are matrices as PyTorch has them: a row for each output, a column for each input.

use super::product::{GROUP, STRIP, Start, Target, Term, product};
use super::transpose::transpose;
use super::vector::Scalar;

/// A run of products of a weight's gradient has about so many; the runs are added one after the other.
const RUN: usize = 256;
/// A run has at most so many segments.
const MOST: usize = RUN / GROUP;

/// Returns the term that multiplies weights with their inputs, `inputs` rows of `lanes` samples.
pub fn forward<'a, S>(weights: &'a [S], inputs: usize, values: &'a [S], lanes: usize) -> Term<'a, S> {
    Term::new(weights, [inputs, 1], values, lanes, inputs)
}

/// Returns the term that multiplies the gradients of the outputs, `outputs` rows of `lanes` samples, with their weights:
/// the gradients of the inputs.
pub fn back<'a, S>(
    weights: &'a [S],
    inputs: usize,
    gradients: &'a [S],
    outputs: usize,
    lanes: usize,
) -> Term<'a, S> {
    Term::new(weights, [1, inputs], gradients, lanes, outputs)
}

/// Samples that lie side by side: what a layer read, and the gradients of what it made of it.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a, S> {
    /// A row of samples for each input.
    pub inputs: &'a [S],
    /// A row of samples for each output.
    pub gradients: &'a [S],
    /// The number of samples.
    pub lanes: usize,
}

/// Room to turn inputs, so that they lie as the rows of a product.
#[derive(Debug, Default)]
pub struct Turned<S> {
    values: Vec<S>,
}

impl<S: Scalar> Turned<S> {
    /// Sets `to` (`outputs` x `inputs`) to the gradient of the weights: the sum over all segments.
    pub fn weight_gradient<'s>(
        &mut self,
        outputs: usize,
        inputs: usize,
        segments: impl Iterator<Item = Segment<'s, S>>,
        to: &mut [S],
    ) {
        let mut run = [Segment { inputs: &[][..], gradients: &[][..], lanes: 0 }; MOST];
        let mut count = 0;
        let mut depth = 0;
        let mut is_first = true;
        let mut segments = segments.peekable();
        while let Some(segment) = segments.next() {
            run[count] = segment;
            count += 1;
            depth += segment.lanes;
            if depth >= RUN || segments.peek().is_none() {
                self.add_run(outputs, inputs, &run[..count], depth, is_first, to);
                count = 0;
                depth = 0;
                is_first = false;
            }
        }
    }

    fn add_run(
        &mut self,
        outputs: usize,
        inputs: usize,
        run: &[Segment<'_, S>],
        depth: usize,
        is_first: bool,
        to: &mut [S],
    ) {
        for column in (0..inputs).step_by(STRIP) {
            let columns = STRIP.min(inputs - column);
            let width = columns.next_multiple_of(GROUP);
            self.values.resize(self.values.len().max(depth * STRIP), S::ZERO);
            let mut row = 0;
            for segment in run {
                let from = &segment.inputs[column * segment.lanes..];
                transpose(
                    columns,
                    segment.lanes,
                    from,
                    segment.lanes,
                    &mut self.values[row * width..],
                    width,
                );
                row += segment.lanes;
            }
            let mut terms = [Term::default(); MOST];
            let mut row = 0;
            for (term, segment) in terms.iter_mut().zip(run) {
                *term = outer(segment.gradients, segment.lanes, &self.values[row * width..], width);
                row += segment.lanes;
            }
            let start = if is_first { Start::Zero } else { Start::Add };
            product(
                outputs,
                columns,
                &terms[..run.len()],
                start,
                Target { c: &mut to[column..], row: inputs },
            );
        }
    }
}

/// Returns the term that multiplies gradients, rows of `lanes` samples, with what `b` has of each sample in a row.
pub fn outer<'a, S>(gradients: &'a [S], lanes: usize, b: &'a [S], b_step: usize) -> Term<'a, S> {
    Term::new(gradients, [lanes, 1], b, b_step, lanes)
}

/// Sets `to` to the sum of each row over the samples of all segments.
pub fn bias_gradient<'s, S: Scalar>(segments: impl Iterator<Item = (&'s [S], usize)>, to: &mut [S]) {
    to.fill(S::ZERO);
    for (gradients, lanes) in segments {
        for (sum, row) in to.iter_mut().zip(gradients.chunks_exact(lanes)) {
            *sum += row_sum(row);
        }
    }
}

/// Adds up a row in [`GROUP`] sums side by side, then those by halves: one order on every instruction set.
#[inline]
fn row_sum<S: Scalar>(row: &[S]) -> S {
    let mut sums = [S::ZERO; GROUP];
    for group in row.chunks_exact(GROUP) {
        for (sum, value) in sums.iter_mut().zip(group) {
            *sum += *value;
        }
    }
    let mut width = GROUP / 2;
    while width > 0 {
        for index in 0..width {
            sums[index] += sums[index + width];
        }
        width /= 2;
    }
    sums[0]
}
