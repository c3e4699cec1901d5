//! `testing-time`: the wall time of the test at the end, in seconds.

use super::{Better, Metric, TrialResults, Unit};

pub(super) const METRIC: Metric =
    Metric::new("testing-time", "testing time, s", Unit::Seconds, Better::Lower, testing_time);

fn testing_time(results: &TrialResults<'_>) -> Option<f64> {
    let finished = results.finished?;
    finished.test.map(|_| finished.test_seconds)
}
