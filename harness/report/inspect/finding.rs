//! What one look into trained networks found, whatever it was.

use serde::{Deserialize, Serialize};

use super::{Confusion, Examples, Gradients, LastSteps, Mistakes, States, StepAnswers, Subject};

/// What `inspect` found for one view; its `view` in JSON is the word of the command line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "view", rename_all = "kebab-case")]
pub enum ViewFinding {
    /// Answers after each time step.
    Steps(StepAnswers),
    /// Outputs of recurrent layers.
    Hidden(States),
    /// Gates and states of recurrent layers.
    Gates(States),
    /// Answers after each of the last steps.
    LastSteps(LastSteps),
    /// Dependence of the last output on each input.
    Gradients(Gradients),
    /// Test samples that are taken for another class.
    Mistakes(Mistakes),
    /// How often each class is taken for each.
    Confusion(Confusion),
    /// Training samples, before and after what is done to them.
    Samples(Examples),
}

impl ViewFinding {
    /// Returns the finding as an SVG picture.
    pub fn svg(&self) -> String {
        match self {
            ViewFinding::Steps(steps) => steps.svg(),
            ViewFinding::Hidden(states) => states.hidden_svg(),
            ViewFinding::Gates(states) => states.gates_svg(),
            ViewFinding::LastSteps(last) => last.svg(),
            ViewFinding::Gradients(gradients) => gradients.chart().svg(),
            ViewFinding::Mistakes(mistakes) => mistakes.svg(),
            ViewFinding::Confusion(confusion) => confusion.svg(),
            ViewFinding::Samples(examples) => examples.svg(),
        }
    }

    /// Returns the networks that it is of.
    pub fn subjects(&self) -> Vec<&Subject> {
        match self {
            ViewFinding::Steps(StepAnswers { subject, .. })
            | ViewFinding::Hidden(States { subject, .. })
            | ViewFinding::Gates(States { subject, .. })
            | ViewFinding::LastSteps(LastSteps { subject, .. })
            | ViewFinding::Mistakes(Mistakes { subject, .. })
            | ViewFinding::Confusion(Confusion { subject, .. })
            | ViewFinding::Samples(Examples { subject, .. }) => vec![subject],
            ViewFinding::Gradients(Gradients { norms }) => norms.iter().map(|norms| &norms.subject).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::WeightsChoice;
    use crate::report::inspect::GradientNorms;

    #[test]
    fn json_gives_back_what_was_found() {
        let subject = Subject {
            trial: "s/c/1".to_owned(),
            identity: "ab".to_owned(),
            weights: WeightsChoice::Initial,
            dataset: "glyphs".to_owned(),
            class_names: Vec::new(),
        };
        let norms = vec![GradientNorms { subject, samples: 3, norms: vec![1e-300, 0.1 + 0.2] }];
        let found = ViewFinding::Gradients(Gradients { norms });
        let json = serde_json::to_string(&found).unwrap();
        assert!(json.starts_with(r#"{"view":"gradients","norms":[{"subject":{"trial":"s/c/1","#), "{json}");
        assert_eq!(serde_json::from_str::<ViewFinding>(&json).unwrap(), found);
    }
}
