//! The model of a trial that has ended, with the weights that were kept of it.

use tch::{Device, Kind};

use super::error::Error;
use super::model::Model;
use super::planned::PlannedStep;
use super::samples::DeviceSamples;
use super::tensors::{BEST, Tensors, deserialize, overwrite};
use super::{device, digest};
use crate::data;
use crate::event::Score;
use crate::files;
use crate::recipe::Trial;
use crate::record::{KeptWeights, Weights};

/// A trial's model on its device, for evaluation alone.
pub struct Trained {
    pub(super) model: Model,
    pub(super) device: Device,
    /// Scores the model where the trial was trained by planned steps.
    planned: Option<Box<PlannedStep>>,
}

impl Trained {
    /// Returns the model with these weights, which are checked against the trial's record.
    ///
    /// # Errors
    /// [`Error::OtherWeights`] where they are not what the record says; a device that is not there or
    /// has no memory left.
    pub fn new(trial: &Trial, weights: &Weights) -> Result<Self, Error> {
        Trained::with_kind(trial, weights, Kind::Float)
    }

    /// Returns what [`new`](Trained::new) does, computing with numbers of this kind.
    pub(super) fn with_kind(trial: &Trial, weights: &Weights, kind: Kind) -> Result<Self, Error> {
        let device = device::open(&trial.environment)?;
        let model = Model::new(&trial.experiment, trial.seed, kind, device)?;
        let trained = match weights {
            Weights::Initial => None,
            Weights::Tested(kept) => Some((kept, "")),
            Weights::Best(kept) => Some((kept, kept.best.as_ref().map_or("", |_| BEST))),
        };
        if let Some((kept, prefix)) = trained {
            let tensors = verified(kept, &model)?;
            for (name, tensor) in model.tensors() {
                overwrite(tensor, of(kept, &tensors, &format!("{prefix}{name}"))?)?;
            }
        }
        let planned = (kind == Kind::Float && trial.environment.is_planned())
            .then(|| Box::new(PlannedStep::new(&trial.experiment, &model)));
        Ok(Trained { model, device, planned })
    }

    /// Returns the score on these samples: the trial's own images (see [`data::Prepared`]), or what was made of them.
    ///
    /// # Errors
    /// Images of another shape than the model takes; no memory.
    pub fn score(&mut self, samples: &mut data::Samples) -> Result<Score, Error> {
        if let Some(planned) = &mut self.planned {
            return Ok(planned.classify(&mut self.model, samples)?.0);
        }
        DeviceSamples::new(samples, self.device)?.score(&self.model)
    }
}

/// All tensors of the file, once it gives the digests that it must.
fn verified(kept: &KeptWeights, model: &Model) -> Result<Tensors, Error> {
    let content = files::read(&kept.path, files::TENSORS).map_err(|error| other(kept, error.to_string()))?;
    let tensors = deserialize(&content).map_err(|error| other(kept, error.to_string()))?;
    let named = |(name, _)| Ok((name, of(kept, &tensors, name)?));
    let tested = model.tensors().map(named).collect::<Result<Vec<_>, Error>>()?;
    let digest = digest::all(tested.into_iter())?;
    if digest != kept.tested {
        let reason = format!("they have the digest {digest}, not {}", kept.tested);
        return Err(other(kept, reason));
    }
    for (name, _) in model.tensors().filter(|_| kept.best.is_some()) {
        let stated = kept.best.as_ref().and_then(|best| best.get(name));
        let best = format!("{BEST}{name}");
        let digest = digest::short(&digest::tensor(of(kept, &tensors, &best)?)?);
        if stated != Some(&digest) {
            let stated = stated.map_or("none", String::as_str);
            return Err(other(kept, format!("{best} has the digest {digest}, not {stated}")));
        }
    }
    Ok(tensors)
}

fn of<'t>(kept: &KeptWeights, tensors: &'t Tensors, name: &str) -> Result<&'t tch::Tensor, Error> {
    tensors.get(name).ok_or_else(|| other(kept, format!("it lacks {name}")))
}

fn other(kept: &KeptWeights, reason: String) -> Error {
    Error::OtherWeights { path: kept.path.clone(), reason }
}
