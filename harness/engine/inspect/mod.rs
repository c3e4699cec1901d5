//! What a trained network shows: its answers after every time step, its states, its gradients, its
//! predictions.

mod gradients;
mod steps;
#[cfg(test)]
mod tests;

use tch::{Device, Kind, Tensor};

use super::error::Error;
use super::samples::{EVALUATION_BATCH, batched};
use super::trained::Trained;
use crate::data::{self, Dataset};
use crate::event::{Event, Insight, View};
use crate::recipe::Trial;
use crate::recipe::shape::Reading;
use crate::record::Weights;

/// Answers `view` of the trial's network with these weights; `emit` is told row by row. Samples are
/// prepared as the trial's test samples are.
///
/// # Errors
/// As [`Trained::new`]; a network that does not read step by step, where the view asks for that; samples
/// that are not there; a value that is not finite.
pub fn inspect(
    trial: &Trial,
    dataset: &Dataset,
    weights: &Weights,
    view: &View,
    emit: &mut dyn FnMut(Event),
) -> Result<(), Error> {
    // Gradients of early steps may be far below what single precision can hold.
    let kind = if matches!(view, View::Gradients { .. }) { Kind::Double } else { Kind::Float };
    let trained = Trained::with_kind(trial, weights, kind)?;
    let network = Network { trial, dataset, trained, kind };
    let emit = &mut |insight| emit(Event::Insight(insight));
    match view {
        View::Steps { samples, last } => network.steps(samples, *last, emit),
        View::Accuracies { last } => network.accuracies(*last, emit),
        View::States { sample } => network.states(*sample, emit),
        View::Gradients { samples } => network.gradients(samples, emit),
        View::Predictions => network.predictions(emit),
    }
}

/// A trained network and where its samples come from.
struct Network<'a> {
    trial: &'a Trial,
    dataset: &'a Dataset,
    trained: Trained,
    kind: Kind,
}

impl Network<'_> {
    fn reading(&self) -> Result<Reading, Error> {
        Ok(Reading::of(&self.trial.experiment)?)
    }

    /// Indices of the trial's test samples.
    fn tested(&self) -> Result<Vec<u32>, Error> {
        Ok(data::test_indices(self.dataset, &self.trial.experiment.data, self.trial.seed)?)
    }

    /// Samples (samples, channels, height, width) or (samples, steps, features) on the device, and their classes.
    fn samples(&self, indices: &[u32]) -> Result<(Tensor, Vec<u16>), Error> {
        let Trial { experiment, seed, .. } = self.trial;
        let samples = data::test_samples(self.dataset, &experiment.data, *seed, indices)?;
        let values = batched(&samples.values(), samples.shape)?;
        Ok((values.f_to_kind(self.kind)?.f_to_device(self.trained.device)?, samples.labels))
    }

    /// What each recurrent layer holds, from the equations.
    fn states(&self, sample: u32, emit: &mut dyn FnMut(Insight)) -> Result<(), Error> {
        let _no_grad = tch::no_grad_guard();
        let (image, _) = self.samples(&[sample])?;
        let model = &self.trained.model;
        for index in self.reading()?.recurrent {
            let Some(stack) = model.recurrent(index) else { continue };
            stack.trace(&model.part(0..index, &image)?, &mut |name, step, part, values| {
                let layer = format!("{index}.{name}");
                let step = step as u32 + 1;
                emit(Insight::State { layer, part, step, values: finite(&values.f_select(0, 0)?)? });
                Ok(())
            })?;
        }
        Ok(())
    }

    fn predictions(&self, emit: &mut dyn FnMut(Insight)) -> Result<(), Error> {
        let _no_grad = tch::no_grad_guard();
        for indices in self.tested()?.chunks(EVALUATION_BATCH as usize) {
            let (samples, labels) = self.samples(indices)?;
            let logits = self.trained.model.forward(&samples, false)?;
            let logits = if logits.dim() == 3 { logits.f_select(1, -1)? } else { logits };
            let probabilities = logits.f_softmax(-1, Kind::Float)?;
            for (row, (&sample, label)) in indices.iter().zip(labels).enumerate() {
                let probabilities = finite(&probabilities.f_select(0, row as i64)?)?;
                emit(Insight::Prediction { sample, label, probabilities });
            }
        }
        Ok(())
    }
}

/// The values of a tensor of one dimension.
fn finite(values: &Tensor) -> Result<Vec<f32>, Error> {
    let values = values.f_to_device(Device::Cpu)?.f_to_kind(Kind::Float)?;
    let values = Vec::<f32>::try_from(values)?;
    if values.iter().all(|value| value.is_finite()) {
        Ok(values)
    } else {
        Err(Error::System("the network puts out values that are not finite".to_owned()))
    }
}
