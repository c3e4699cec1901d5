//! `parameters`: the number of trainable parameters.

use super::{Better, Metric, TrialResults, Unit};

pub(super) const METRIC: Metric =
    Metric::new("parameters", "parameters", Unit::Parameters, Better::Lower, parameters);

fn parameters(results: &TrialResults<'_>) -> Option<f64> {
    let counted = results.started.map(|started| started.parameters);
    counted.or(results.trial.parameters).map(|count| count as f64)
}
