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
        let better = value < self.best.unwrap_or(f64::INFINITY);
        if better {
            self.best = Some(value);
            self.waited = 0;
        } else {
            self.waited += 1;
        }
        better
    }
}
