//! The rules of a step, as docs/suites.md writes them.

use super::isa::for_each_set;
use super::vector::Scalar;
use crate::recipe::Convention;
use crate::recipe::optimizers::{Adam, Adamw, Optimizer, Rmsprop, Sgd};

/// A rule at one step.
#[derive(Clone, Copy, Debug)]
pub struct OptimizerStep {
    /// The rule with its constants.
    pub rule: Optimizer,
    /// Whose form it has.
    pub convention: Convention,
    /// The learning rate of the step.
    pub lr: f64,
    /// The number of the step, from 1.
    pub number: u64,
}

impl OptimizerStep {
    /// Moves weights against their gradients. `decay` times a weight is added to its gradient first; `slots` are the
    /// state's, in the rule's order.
    pub fn apply<S: Scalar>(&self, weights: &mut [S], gradients: &[S], slots: &mut [&mut [S]], decay: f64) {
        let decay = S::of(decay);
        match (self.rule, slots) {
            (Optimizer::Sgd(Sgd { momentum, nesterov, .. }), [sum]) => {
                // PyTorch sums gradients, Keras and TensorFlow gradients times the rates of their steps.
                let rates = match self.convention {
                    Convention::Torch => [1.0, self.lr],
                    Convention::Keras | Convention::Tf1 => [self.lr, 1.0],
                };
                sgd(weights, gradients, sum, decay, rates.map(S::of), S::of(momentum), nesterov);
            }
            (Optimizer::Sgd(_), _) => plain_sgd(weights, gradients, decay, S::of(self.lr)),
            (Optimizer::Adam(rule), [first, second]) => {
                self.adam(rule, weights, gradients, first, second, decay);
            }
            (Optimizer::Adamw(rule), [first, second]) => {
                scale(weights, S::of(1.0 - self.lr * rule.weight_decay));
                self.adam(Adamw::adam(&rule), weights, gradients, first, second, decay);
            }
            (Optimizer::Rmsprop(Rmsprop { alpha, eps, .. }), [squares]) => {
                // PyTorch adds eps to the root, Keras and TensorFlow within it.
                let [within, beside] = match self.convention {
                    Convention::Torch => [0.0, eps],
                    Convention::Keras | Convention::Tf1 => [eps, 0.0],
                };
                let constants = [self.lr, alpha, 1.0 - alpha, within, beside].map(S::of);
                rmsprop(weights, gradients, squares, decay, constants);
            }
            // A state always fits its rule.
            _ => {}
        }
    }

    fn adam<S: Scalar>(
        &self,
        rule: Adam,
        weights: &mut [S],
        gradients: &[S],
        first: &mut [S],
        second: &mut [S],
        decay: S,
    ) {
        let correction = |beta: f64| 1.0 - libm::pow(beta, self.number as f64);
        // PyTorch adds eps to the corrected root, Keras and TensorFlow to the uncorrected one.
        let eps = match self.convention {
            Convention::Torch => rule.eps,
            Convention::Keras | Convention::Tf1 => rule.eps / correction(rule.beta2).sqrt(),
        };
        let constants = [
            1.0 - rule.beta1,
            rule.beta2,
            1.0 - rule.beta2,
            eps,
            self.lr / correction(rule.beta1),
            1.0 / correction(rule.beta2).sqrt(),
        ];
        adam(weights, gradients, first, second, decay, constants.map(S::of));
    }
}

for_each_set! {
    fn adam<S>(weights: &mut [S], gradients: &[S], first: &mut [S], second: &mut [S], decay: S, constants: [S; 6]) {
        let [share1, beta2, share2, eps, rate, unbiased] = constants;
        let moments = first.iter_mut().zip(second);
        for ((weight, gradient), (m, v)) in weights.iter_mut().zip(gradients).zip(moments) {
            let gradient = decay.mul_add(*weight, *gradient);
            *m = share1.mul_add(gradient - *m, *m);
            *v = (share2 * gradient).mul_add(gradient, beta2 * *v);
            *weight -= rate * *m / v.sqrt().mul_add(unbiased, eps);
        }
    }

    fn rmsprop<S>(weights: &mut [S], gradients: &[S], squares: &mut [S], decay: S, constants: [S; 5]) {
        let [rate, alpha, share, within, beside] = constants;
        for ((weight, gradient), v) in weights.iter_mut().zip(gradients).zip(squares) {
            let gradient = decay.mul_add(*weight, *gradient);
            *v = (share * gradient).mul_add(gradient, alpha * *v);
            *weight -= rate * gradient / ((*v + within).sqrt() + beside);
        }
    }

    fn sgd<S>(weights: &mut [S], gradients: &[S], sums: &mut [S], decay: S, rates: [S; 2], momentum: S, nesterov: bool) {
        let [within, beside] = rates;
        for ((weight, gradient), sum) in weights.iter_mut().zip(gradients).zip(sums) {
            let gradient = within * decay.mul_add(*weight, *gradient);
            *sum = momentum.mul_add(*sum, gradient);
            *weight -= beside * if nesterov { momentum.mul_add(*sum, gradient) } else { *sum };
        }
    }

    fn plain_sgd<S>(weights: &mut [S], gradients: &[S], decay: S, rate: S) {
        for (weight, gradient) in weights.iter_mut().zip(gradients) {
            *weight -= rate * decay.mul_add(*weight, *gradient);
        }
    }

    /// Multiplies all values by a factor.
    pub fn scale<S>(values: &mut [S], factor: S) {
        for value in values {
            *value *= factor;
        }
    }
}

/// Returns the sum of squares, in 64 bits, in one order on every instruction set.
pub fn squares<S: Scalar>(values: &[S]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let square = |sum: &mut f64, value: &S| *sum += value.to_f64() * value.to_f64();
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    chunks.for_each(|chunk| sums.iter_mut().zip(chunk).for_each(|(sum, value)| square(sum, value)));
    sums.iter_mut().zip(rest).for_each(|(sum, value)| square(sum, value));
    sums.iter().sum()
}
