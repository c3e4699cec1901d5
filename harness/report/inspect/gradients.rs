//! How much the last output of recurrent networks depends on each of their inputs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Subject;
use crate::report::chart::{Axis, Chart, Mark, Series};

/// The gradient norms of one network or several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gradients {
    /// Of each network and weights.
    pub norms: Vec<GradientNorms>,
}

/// Of one network with some of its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradientNorms {
    /// The network that it is of.
    pub subject: Subject,
    /// Images that the norms are means over.
    pub samples: usize,
    /// For each time step t, the mean of the Frobenius norm of ∂h_T/∂x_t.
    pub norms: Vec<f64>,
}

impl Gradients {
    /// Returns a line each, over the time steps, on a logarithmic axis.
    pub fn chart(&self) -> Chart {
        let mut networks: Vec<&str> = Vec::new();
        for norms in &self.norms {
            if !networks.contains(&norms.subject.identity.as_str()) {
                networks.push(&norms.subject.identity);
            }
        }
        let line = |norms: &GradientNorms| {
            // A colour a network, whatever its weights.
            let network = networks.iter().position(|known| *known == norms.subject.identity).unwrap_or(0);
            let points = (1..).zip(&norms.norms).map(|(step, &norm)| [f64::from(step), norm]).collect();
            let trained = norms.subject.weights != crate::record::WeightsChoice::Initial;
            Series::new(format!("{}, {}", norms.subject.trial, norms.subject.weights))
                .look(network, if trained { 0 } else { 1 })
                .with(Mark::Line(points))
        };
        let samples: BTreeSet<String> = self.norms.iter().map(|norms| norms.samples.to_string()).collect();
        let note = format!(
            "Mean over {} test images of the Frobenius norm of the Jacobian of the last output h_T by the input x_t. \
             A norm of 0 is not drawn.",
            samples.into_iter().collect::<Vec<_>>().join(" or ")
        );
        Chart {
            title: "How much the last output depends on each input".to_owned(),
            x: Axis::linear("time step t"),
            y: Axis::log("norm of dh_T / dx_t"),
            series: self.norms.iter().map(line).collect(),
            notes: vec![note],
        }
    }
}
