//! A set of samples on the device, and the score of a model on it.

use tch::{Device, Kind, Tensor};

use super::error::Error;
use super::model::Model;
use crate::data;
use crate::event::{Counts, Score};
use crate::recipe::shape::Shape;

/// Samples a forward pass without gradients; it decides nothing but memory and bits.
pub const EVALUATION_BATCH: i64 = 500;

/// A set of samples on the device.
pub struct DeviceSamples {
    /// (samples, channels, height, width) of images, (samples, steps, features) of sequences.
    values: Tensor,
    /// The classes, 64-bit integers of shape (samples).
    labels: Tensor,
}

impl DeviceSamples {
    /// Copies a prepared set to the device.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn new(samples: &data::Samples, device: Device) -> Result<Self, Error> {
        Ok(DeviceSamples {
            values: batched(&samples.values(), samples.shape)?.f_to_device(device)?,
            labels: classes(&samples.labels)?.f_to_device(device)?,
        })
    }

    /// Returns the number of samples.
    pub fn len(&self) -> i64 {
        self.labels.size()[0]
    }

    /// Puts other values in their place, in the same order and shape.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn replace_values(&mut self, values: &[f32]) -> Result<(), Error> {
        let values = Tensor::f_from_slice(values)?.f_reshape(self.values.size())?;
        self.values = values.f_to_device(self.values.device())?;
        Ok(())
    }

    /// Returns the values and labels at `index` (64-bit, on the device).
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn batch(&self, index: &Tensor) -> Result<(Tensor, Tensor), Error> {
        Ok((self.values.f_index_select(0, index)?, self.labels.f_index_select(0, index)?))
    }

    /// Returns the model's score on all samples.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn score(&self, model: &Model) -> Result<Score, Error> {
        score(&self.tally(model)?, model)
    }

    /// Returns the model's score on all samples, and how it classified them.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn classify(&self, model: &Model) -> Result<(Score, Counts), Error> {
        let tally = self.tally(model)?;
        Ok((score(&tally, model)?, tally.counts()?))
    }

    fn tally(&self, model: &Model) -> Result<ScoreTally, Error> {
        let _no_grad = tch::no_grad_guard();
        let mut tally = ScoreTally::default();
        for start in (0..self.len()).step_by(EVALUATION_BATCH as usize) {
            let n = EVALUATION_BATCH.min(self.len() - start);
            let labels = self.labels.f_narrow(0, start, n)?;
            let logits = model.forward(&self.values.f_narrow(0, start, n)?, false)?;
            tally.add(&logits, &cross_entropy(&logits, &labels)?, labels)?;
        }
        Ok(tally)
    }
}

/// Returns samples of this shape, one after another, as a tensor of shape (samples, channels, height, width), (samples,
/// steps, features) or (samples, features).
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn batched(values: &[f32], shape: Shape) -> Result<Tensor, Error> {
    let sizes: Vec<u32> = match shape {
        Shape::Image { channels, height, width } => vec![channels, height, width],
        Shape::Sequence { steps, features } => vec![steps, features],
        Shape::Vector { features } => vec![features],
    };
    let sizes: Vec<i64> = std::iter::once(-1).chain(sizes.into_iter().map(i64::from)).collect();
    Ok(Tensor::f_from_slice(values)?.f_reshape(sizes)?)
}

/// Returns classes as a tensor of 64-bit integers.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn classes(labels: &[u16]) -> Result<Tensor, Error> {
    let labels: Vec<i64> = labels.iter().copied().map(i64::from).collect();
    Ok(Tensor::f_from_slice(&labels)?)
}

/// The score of a tally, with the model's penalty.
fn score(tally: &ScoreTally, model: &Model) -> Result<Score, Error> {
    let mut score = tally.score()?;
    let _no_grad = tch::no_grad_guard();
    if let Some(penalty) = model.penalty()? {
        score.loss += penalty.f_double_value(&[])?;
    }
    Ok(score)
}

/// Returns the mean softmax cross-entropy of (batch, classes) against labels (batch); of (batch, steps, classes) every
/// step is held against the sample's label.
///
/// # Errors
/// Returns an error if libtorch refuses.
pub fn cross_entropy(logits: &Tensor, labels: &Tensor) -> Result<Tensor, Error> {
    let none = None::<&Tensor>;
    let mean = tch::Reduction::Mean;
    match logits.size()[..] {
        [_, steps, classes] => {
            let labels = labels.f_repeat_interleave_self_int(steps, 0, None)?;
            Ok(logits.f_reshape([-1, classes])?.f_cross_entropy_loss(&labels, none, mean, -100, 0.0)?)
        }
        _ => Ok(logits.f_cross_entropy_loss(labels, none, mean, -100, 0.0)?),
    }
}

/// Keeps what every batch yields, on the device, until the score is asked for: no step waits.
#[derive(Default)]
pub struct ScoreTally {
    losses: Vec<Tensor>,
    logits: Vec<Tensor>,
    labels: Vec<Tensor>,
}

impl ScoreTally {
    /// Adds a batch: its logits, mean loss and labels.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn add(&mut self, logits: &Tensor, loss: &Tensor, labels: Tensor) -> Result<(), Error> {
        let logits = logits.f_detach()?;
        self.logits.push(if logits.dim() == 3 { logits.f_select(1, -1)? } else { logits });
        self.losses.push(loss.f_detach()?);
        self.labels.push(labels);
        Ok(())
    }

    /// Waits for the device; mean loss and fraction right over all samples. The first of equal
    /// logits wins.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn score(&self) -> Result<Score, Error> {
        let losses = Vec::<f64>::try_from(Tensor::f_stack(&self.losses, 0)?.f_to_kind(Kind::Double)?)?;
        let sizes = self.labels.iter().map(|labels| labels.size()[0] as f64);
        let (loss, samples) = losses
            .iter()
            .zip(sizes)
            .fold((0.0, 0.0), |(loss, samples), (mean, n)| (loss + mean * n, samples + n));
        let hits = Tensor::f_cat(&self.logits, 0)?
            .f_argmax(-1, false)?
            .f_eq_tensor(&Tensor::f_cat(&self.labels, 0)?)?
            .f_sum(Kind::Int64)?;
        Ok(Score { loss: loss / samples, accuracy: hits.f_int64_value(&[])? as f64 / samples })
    }

    /// Waits for the device; returns how all samples were classified. A class with an equal logit ranks above the true
    /// class if it comes before it, as the first of equal logits wins.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn counts(&self) -> Result<Counts, Error> {
        let logits = Tensor::f_cat(&self.logits, 0)?;
        let labels = Tensor::f_cat(&self.labels, 0)?;
        let classes = logits.size()[1];
        let column = labels.f_unsqueeze(1)?;
        let own = logits.f_gather(1, &column, false)?;
        let before = Tensor::f_arange(classes, (Kind::Int64, logits.device()))?.f_lt_tensor(&column)?;
        let above =
            logits.f_gt_tensor(&own)?.f_logical_or(&logits.f_eq_tensor(&own)?.f_logical_and(&before)?)?;
        let ranks = above.f_sum_dim_intlist([1i64].as_slice(), false, Kind::Int64)?;
        let column = |tensor: Tensor| -> Result<Vec<usize>, Error> {
            Ok(Vec::<i64>::try_from(tensor)?.into_iter().map(|value| value as usize).collect())
        };
        let predicted = column(logits.f_argmax(-1, false)?)?;
        let samples = column(labels)?.into_iter().zip(predicted).zip(column(ranks)?);
        Ok(Counts::of(classes as usize, samples.map(|((truth, predicted), rank)| (truth, predicted, rank))))
    }
}
