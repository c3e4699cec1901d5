//! What a network would answer if an image ended after some of its time steps.

use tch::{Kind, Tensor};

use super::{Network, finite};
use crate::engine::error::Error;
use crate::engine::samples::{EVALUATION_BATCH, classes};
use crate::event::Insight;
use crate::recipe::shape::Reading;

impl Network<'_> {
    pub(super) fn steps(
        &self,
        samples: &[u32],
        last: Option<u32>,
        emit: &mut dyn FnMut(Insight),
    ) -> Result<(), Error> {
        let _no_grad = tch::no_grad_guard();
        let reading = self.reading()?;
        reading.answers_every_step()?;
        let sequence = self.sequence(&reading, &self.samples(samples)?.0)?;
        for step in last_steps(&reading, last) {
            let probabilities = self.after(&reading, &sequence, step)?.f_softmax(-1, Kind::Float)?;
            for (row, &sample) in samples.iter().enumerate() {
                let probabilities = finite(&probabilities.f_select(0, row as i64)?)?;
                emit(Insight::Step { sample, step, probabilities });
            }
        }
        Ok(())
    }

    pub(super) fn accuracies(&self, last: u32, emit: &mut dyn FnMut(Insight)) -> Result<(), Error> {
        let _no_grad = tch::no_grad_guard();
        let reading = self.reading()?;
        reading.answers_every_step()?;
        let steps: Vec<u32> = last_steps(&reading, Some(last)).collect();
        let mut right = vec![0; steps.len()];
        let tested = self.tested()?;
        for indices in tested.chunks(EVALUATION_BATCH as usize) {
            let (images, labels) = self.samples(indices)?;
            let labels = classes(&labels)?.f_to_device(images.device())?;
            let sequence = self.sequence(&reading, &images)?;
            for (right, &step) in right.iter_mut().zip(&steps) {
                let predicted = self.after(&reading, &sequence, step)?.f_argmax(-1, false)?;
                *right += predicted.f_eq_tensor(&labels)?.f_sum(Kind::Int64)?.f_int64_value(&[])?;
            }
        }
        for (right, step) in right.into_iter().zip(steps) {
            emit(Insight::Accuracy { step, accuracy: right as f64 / tested.len() as f64 });
        }
        Ok(())
    }

    /// Returns images as the sequence that is read: (batch, steps, features).
    pub(super) fn sequence(&self, reading: &Reading, images: &Tensor) -> Result<Tensor, Error> {
        self.trained.model.part(0..reading.first, images)
    }

    /// Returns the logits (batch, classes) of the network that is given only the first `step` steps. Where all layers
    /// read forwards, that is the output of time step `step` put through what follows.
    pub(super) fn after(&self, reading: &Reading, sequence: &Tensor, step: u32) -> Result<Tensor, Error> {
        let model = &self.trained.model;
        let logits = model.part(reading.first..model.len(), &sequence.f_narrow(1, 0, step.into())?)?;
        Ok(if logits.dim() == 3 { logits.f_select(1, -1)? } else { logits })
    }
}

/// Returns the last steps, counted from 1.
fn last_steps(reading: &Reading, last: Option<u32>) -> std::ops::RangeInclusive<u32> {
    let last = last.unwrap_or(reading.steps).min(reading.steps);
    reading.steps - last + 1..=reading.steps
}
