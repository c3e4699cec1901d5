//! Softmax cross-entropy, its gradient, and what a batch is scored by.

use super::batch::Batch;
use super::isa::for_each_set;
use super::vector::Scalar;
use crate::recipe::shape::Shape;

/// What a batch yields.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BatchScore {
    /// The sum of the samples' losses; of a sequence, of the mean over its steps.
    pub loss: f64,
    /// The number of samples whose own class has the largest output at the last step. The first of equal ones wins.
    pub hits: usize,
}

/// A loss over outputs of one shape.
pub struct CrossEntropy<S> {
    steps: usize,
    classes: usize,
    /// The largest output and the sum of exponentials of each sample of a block.
    largest: Vec<S>,
    sums: Vec<S>,
}

impl<S: Scalar> CrossEntropy<S> {
    /// Returns the loss of outputs of this shape.
    pub fn new(output: Shape) -> Self {
        let steps = match output {
            Shape::Sequence { steps, .. } => steps as usize,
            _ => 1,
        };
        let lanes = vec![S::ZERO; super::batch::WIDEST];
        CrossEntropy { steps, classes: output.features() as usize, largest: lanes.clone(), sums: lanes }
    }

    /// Adds what a batch's outputs score against the classes of its samples, and turns the outputs into the gradients of the
    /// mean loss if `gradients` is set.
    pub fn score(
        &mut self,
        batch: Batch,
        outputs: &mut [S],
        labels: &[u16],
        gradients: bool,
        score: &mut BatchScore,
    ) {
        let CrossEntropy { steps, classes, .. } = *self;
        let share = S::of(1.0 / (batch.samples * steps) as f64);
        for block in batch.blocks() {
            let lanes = block.lanes;
            for step in 0..steps {
                let outputs = &mut outputs[block.step(step, steps, classes)];
                let largest = &mut self.largest[..lanes];
                let sums = &mut self.sums[..lanes];
                // The labels' outputs are needed after the exponentials have taken their place.
                let mut own = [S::ZERO; super::batch::WIDEST];
                for (lane, &label) in labels[block.start..block.start + block.used].iter().enumerate() {
                    own[lane] = outputs[usize::from(label) * lanes + lane];
                    if step + 1 == steps {
                        let value = |class: usize| outputs[class * lanes + lane];
                        let label = usize::from(label);
                        let is_hit = (0..label).all(|class| value(class) < value(label))
                            && (label + 1..classes).all(|class| value(class) <= value(label));
                        score.hits += usize::from(is_hit);
                    }
                }
                exponentials(outputs, largest, sums);
                for lane in 0..block.used {
                    let normalizer = libm::log(sums[lane].to_f64()) + largest[lane].to_f64();
                    score.loss += (normalizer - own[lane].to_f64()) / steps as f64;
                }
                if gradients {
                    shares(outputs, sums, share);
                    for (lane, &label) in labels[block.start..block.start + block.used].iter().enumerate() {
                        outputs[usize::from(label) * lanes + lane] -= share;
                    }
                    for row in outputs.chunks_exact_mut(lanes) {
                        row[block.used..].fill(S::ZERO);
                    }
                }
            }
        }
    }
}

for_each_set! {
    /// Turns the outputs of samples side by side into exp(output - largest), and sums them.
    fn exponentials<S>(outputs: &mut [S], largest: &mut [S], sums: &mut [S]) {
        let lanes = largest.len();
        largest.copy_from_slice(&outputs[..lanes]);
        for row in outputs.chunks_exact(lanes) {
            for (largest, value) in largest.iter_mut().zip(row) {
                *largest = if *value > *largest { *value } else { *largest };
            }
        }
        sums.fill(S::ZERO);
        for row in outputs.chunks_exact_mut(lanes) {
            for ((value, sum), largest) in row.iter_mut().zip(&mut *sums).zip(&*largest) {
                *value = (*value - *largest).exp();
                *sum += *value;
            }
        }
    }

    /// Turns exponentials into shares of their sum, times `share`.
    fn shares<S>(outputs: &mut [S], sums: &mut [S], share: S) {
        let lanes = sums.len();
        for sum in &mut *sums {
            *sum = share / *sum;
        }
        for row in outputs.chunks_exact_mut(lanes) {
            for (value, sum) in row.iter_mut().zip(&*sums) {
                *value *= *sum;
            }
        }
    }
}
