//! How long a watched value has not improved.

/// How long a value has not improved; smaller is better, and NaN is never better.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patience {
    /// The best value so far.
    pub best: Option<f64>,
    /// Observations since the best.
    pub waited: u32,
}

impl Patience {
    /// Takes a value into account, and returns whether it is the best so far.
    pub fn observe(&mut self, value: f64) -> bool {
        self.observe_below(|best| best, value)
    }

    /// Takes a value into account as [`observe`](Self::observe) does, where a better one is below `bound` of the best.
    pub fn observe_below(&mut self, bound: impl Fn(f64) -> f64, value: f64) -> bool {
        let better = value < self.best.map_or(f64::INFINITY, bound);
        if better {
            self.best = Some(value);
            self.waited = 0;
        } else {
            self.waited += 1;
        }
        better
    }
}
