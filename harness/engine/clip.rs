//! Gradients of bounded norm (Pascanu, Mikolov and Bengio 2013).

use tch::Tensor;

use super::error::Error;

/// Scales all gradients of a step down together where their norm is too large.
pub struct Clip {
    /// The largest norm, above 0.
    pub limit: f64,
    /// For each weight 2 l, where l is its L2 penalty: the penalty's gradient is this times the weight.
    pub penalties: Vec<f64>,
}

impl Clip {
    /// Returns the gradients, with the penalties' own added, times limit / (norm + 1e-6) where that is below 1, as
    /// PyTorch's `clip_grad_norm_` does. The norm is of all elements of all gradients; nothing waits for the device.
    ///
    /// # Errors
    /// Returns an error if libtorch refuses.
    pub fn apply(&self, gradients: &[Tensor], weights: &[Tensor]) -> Result<Vec<Tensor>, Error> {
        let mut whole = Vec::with_capacity(gradients.len());
        for ((gradient, weight), &penalty) in gradients.iter().zip(weights).zip(&self.penalties) {
            whole.push(if penalty == 0.0 {
                gradient.shallow_clone()
            } else {
                gradient.f_add(&weight.f_detach()?.f_mul_scalar(penalty)?)?
            });
        }
        let mut squares = Vec::with_capacity(whole.len());
        for gradient in &whole {
            squares.push(gradient.f_square()?.f_sum(None)?);
        }
        let norm = Tensor::f_stack(&squares, 0)?.f_sum(None)?.f_sqrt()?;
        let factor = norm.f_add_scalar(1e-6)?.f_reciprocal()?.f_mul_scalar(self.limit)?.f_clamp_max(1.0)?;
        whole.iter().map(|gradient| Ok(gradient.f_mul(&factor)?)).collect()
    }
}
