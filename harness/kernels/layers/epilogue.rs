//! What follows a convolution's products: its bias and its activation.

use crate::kernels::activation::{activate, activate_back, add_row, add_rows};
use crate::kernels::parameters::{GradientSink, Parameters};
use crate::kernels::vector::Scalar;
use crate::recipe::Activation;

/// A bias, if there is one, and an elementwise function.
pub struct Epilogue<S> {
    bias: Option<usize>,
    activation: Activation,
    d_bias: Vec<S>,
    /// The gradient of the bias over one image.
    total: Vec<S>,
}

impl<S: Scalar> Epilogue<S> {
    pub fn new(bias: Option<usize>, activation: Activation, filters: usize) -> Self {
        let zeros = || vec![S::ZERO; filters];
        Epilogue { bias, activation, d_bias: zeros(), total: zeros() }
    }

    /// Turns a convolution's products into its outputs.
    pub fn forward(&self, parameters: &Parameters<'_, S>, output: &mut [S]) {
        if let Some(bias) = self.bias {
            add_row(output, parameters.values[bias]);
        }
        activate(self.activation, output);
    }

    /// Begins a backward pass.
    pub fn begin_backward(&mut self) {
        self.d_bias.fill(S::ZERO);
    }

    /// Turns gradients of the outputs of some images, each of `image` numbers, into gradients of the products.
    pub fn backward(&mut self, image: usize, output: &[S], gradients: &mut [S]) {
        activate_back(self.activation, output, gradients);
        for gradients in gradients.chunks_exact(image).filter(|_| self.bias.is_some()) {
            self.total.fill(S::ZERO);
            add_rows(&mut self.total, gradients);
            add_rows(&mut self.d_bias, &self.total);
        }
    }

    /// Hands on the gradient of the bias.
    pub fn end_backward(&self, parameters: &mut Parameters<'_, S>, sink: &mut dyn GradientSink<S>) {
        if let Some(bias) = self.bias {
            sink.take(parameters, bias, 0, &self.d_bias);
        }
    }
}
