//! How much the last output of a recurrent network depends on each of its inputs.

use tch::Tensor;

use super::Network;
use crate::engine::error::Error;
use crate::event::Insight;

/// Samples at once: each step of each keeps its gates for the way back.
const AT_ONCE: usize = 100;

impl Network<'_> {
    /// For every time step t, the mean over the samples of the Frobenius norm of ∂h_T/∂x_t, where x_t is
    /// what the sequence holds at step t, and h_T the last output of the last recurrent layer. One
    /// backward pass a unit gives that unit's row of the Jacobian for all samples and steps at once,
    /// because the samples of a batch do not touch one another.
    pub(super) fn gradients(&self, samples: &[u32], emit: &mut dyn FnMut(Insight)) -> Result<(), Error> {
        let parts = samples.chunks(AT_ONCE).map(|samples| self.jacobian_norms(&self.samples(samples)?.0));
        let norms = Tensor::f_cat(&parts.collect::<Result<Vec<_>, _>>()?, 0)?;
        for (step, norm) in (1..).zip(Vec::<f64>::try_from(norms.f_mean_dim(0i64, false, None)?)?) {
            if !norm.is_finite() {
                let message = format!("the gradient by the input of step {step} is not finite");
                return Err(Error::System(message));
            }
            emit(Insight::Gradient { step, norm });
        }
        Ok(())
    }

    /// Returns a tensor of (batch, steps): the norms of the Jacobians.
    pub(super) fn jacobian_norms(&self, images: &Tensor) -> Result<Tensor, Error> {
        let reading = self.reading()?;
        let model = &self.trained.model;
        let sequence = self.sequence(&reading, images)?.f_detach()?.f_set_requires_grad(true)?;
        let last = reading.recurrent.iter().copied().max().unwrap_or(reading.first);
        let output = model.part(reading.first..last + 1, &sequence)?;
        let output = if output.dim() == 3 { output.f_select(1, -1)? } else { output };
        let mut norms = Tensor::f_zeros(&sequence.size()[..2], (sequence.f_kind()?, sequence.device()))?;
        for unit in 0..output.size()[1] {
            let sum = output.f_select(1, unit)?.f_sum(None)?;
            for row in Tensor::f_run_backward(&[&sum], &[&sequence], true, false)? {
                norms = norms.f_hypot(&norm(&row)?)?;
            }
        }
        Ok(norms)
    }
}

/// Over the last dimension. Gradients vanish far below the root of the least double: their squares would
/// all be 0.
fn norm(values: &Tensor) -> Result<Tensor, Error> {
    let largest = values.f_abs()?.f_amax([-1i64].as_slice(), true)?;
    let scale = largest.f_where_self(&largest.f_gt(0.0)?, &largest.f_ones_like()?)?;
    let relative = values.f_div(&scale)?.f_square()?.f_sum_dim_intlist(-1i64, false, None)?.f_sqrt()?;
    Ok(relative.f_mul(&scale.f_squeeze_dim(-1)?)?)
}
