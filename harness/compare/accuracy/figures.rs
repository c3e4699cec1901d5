//! The figures on which a verdict on accuracy rests.

/// What both sides have over the seeds compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccuracyFigures {
    /// How many seeds of the baseline, and of the run.
    pub seeds: (usize, usize),
    /// How many of them failed or diverged.
    pub failed: (usize, usize),
    /// How many seeds of the run failed or diverged where the baseline's did not.
    pub newly_failed: usize,
    /// Of the baseline; `None` where no seed ended well.
    pub old: Option<Means>,
    /// The means of the run.
    pub new: Option<Means>,
    /// Whether pairs of one seed were tested.
    pub paired: bool,
    /// p of `worse by the margin or more`, adjusted; `None` where no test was needed.
    pub p_beyond_margin: Option<f64>,
    /// p of `not worse`, adjusted.
    pub p_worse: Option<f64>,
    /// p of `not better`, adjusted.
    pub p_better: Option<f64>,
}

/// Means over the seeds that ended well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Means {
    /// The fraction that was right.
    pub accuracy: f64,
    /// The mean loss over the same samples.
    pub loss: f64,
}
