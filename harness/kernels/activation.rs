//! Elementwise functions and their gradients.

use super::isa::for_each_set;
use super::vector::Scalar;
use crate::recipe::Activation;

/// Applies an elementwise function in place.
pub fn activate<S: Scalar>(function: Activation, values: &mut [S]) {
    match function {
        Activation::Linear => {}
        Activation::Relu => relu(values),
        Activation::Tanh => tanh(values),
        Activation::Sigmoid => sigmoid(values),
    }
}

/// Turns gradients of a function's outputs into those of its inputs.
pub fn activate_back<S: Scalar>(function: Activation, outputs: &[S], gradients: &mut [S]) {
    match function {
        Activation::Linear => {}
        Activation::Relu => relu_back(outputs, gradients),
        Activation::Tanh => tanh_back(outputs, gradients),
        Activation::Sigmoid => sigmoid_back(outputs, gradients),
    }
}

for_each_set! {
    fn relu<S>(values: &mut [S]) {
        for value in values {
            // Not a number stays so.
            *value = if *value < S::ZERO { S::ZERO } else { *value };
        }
    }

    fn tanh<S>(values: &mut [S]) {
        for value in values {
            *value = value.tanh();
        }
    }

    fn sigmoid<S>(values: &mut [S]) {
        for value in values {
            *value = value.sigmoid();
        }
    }

    fn relu_back<S>(outputs: &[S], gradients: &mut [S]) {
        for (gradient, output) in gradients.iter_mut().zip(outputs) {
            *gradient = if *output > S::ZERO { *gradient } else { S::ZERO };
        }
    }

    fn tanh_back<S>(outputs: &[S], gradients: &mut [S]) {
        for (gradient, output) in gradients.iter_mut().zip(outputs) {
            *gradient *= S::ONE - *output * *output;
        }
    }

    fn sigmoid_back<S>(outputs: &[S], gradients: &mut [S]) {
        for (gradient, output) in gradients.iter_mut().zip(outputs) {
            *gradient *= *output * (S::ONE - *output);
        }
    }

    /// Adds to each element.
    pub fn add<S>(values: &mut [S], others: &[S]) {
        for (value, other) in values.iter_mut().zip(others) {
            *value += *other;
        }
    }

    /// Adds each row of a matrix to sums.
    pub fn add_rows<S>(sums: &mut [S], values: &[S]) {
        for values in values.chunks_exact(sums.len()) {
            for (sum, value) in sums.iter_mut().zip(values) {
                *sum += *value;
            }
        }
    }

    /// Adds a row to every row of a matrix.
    pub fn add_row<S>(values: &mut [S], row: &[S]) {
        for values in values.chunks_exact_mut(row.len()) {
            for (value, other) in values.iter_mut().zip(row) {
                *value += *other;
            }
        }
    }
}
