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
    use crate::recipe::ReadBy;
    use crate::record::WeightsChoice;
    use crate::report::inspect::{Example, GradientNorms, Image, Mistake, Sample, SampleSteps};

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

    fn subject(classes: usize) -> Subject {
        let mut class_names = vec!["cat".to_owned(), "dog of a breed that has no end of names".to_owned()];
        class_names.extend((2..classes).map(|class| format!("c{class}")));
        Subject {
            trial: "s/c/1".to_owned(),
            identity: String::new(),
            weights: WeightsChoice::Best,
            dataset: "pets".to_owned(),
            class_names,
        }
    }

    fn sample() -> Sample {
        let image = Image { channels: 1, height: 2, width: 2, pixels: vec![0.0; 4] };
        Sample { index: 3, label: 0, image, is_sequence: false }
    }

    #[test]
    fn every_view_tells_classes_by_their_names() {
        let subject = subject(2);
        let sample = sample();
        let mistake =
            Mistake { sample: sample.clone(), predicted: 1, probability: 0.9, probability_of_truth: 0.1 };
        let example = Example { sample: sample.clone(), seen: None, taught: 1 };
        let steps =
            SampleSteps { sample: sample.clone(), probabilities: vec![vec![0.6, 0.4], vec![0.2, 0.8]] };
        let findings = [
            ViewFinding::Mistakes(Mistakes {
                subject: subject.clone(),
                tested: 9,
                mistaken: 1,
                shown: vec![mistake],
            }),
            ViewFinding::Samples(Examples { subject: subject.clone(), examples: vec![example] }),
            ViewFinding::LastSteps(LastSteps {
                subject: subject.clone(),
                steps: vec![1, 2],
                accuracies: vec![0.5, 0.6],
                samples: vec![steps.clone()],
            }),
            ViewFinding::Steps(StepAnswers {
                subject: subject.clone(),
                sample,
                by: ReadBy::Rows,
                grid: [2, 2],
                probabilities: steps.probabilities,
            }),
            ViewFinding::Confusion(Confusion { subject, counts: vec![vec![1, 1], vec![0, 2]] }),
        ];
        for finding in &findings {
            let svg = finding.svg();
            assert!(svg.contains("0 cat"), "{svg}");
            assert!(svg.contains("1 dog") && svg.contains('…'), "a long name is cut: {svg}");
        }
    }

    #[test]
    fn of_very_many_classes_some_are_written() {
        let counts =
            (0..1000).map(|class| (0..1000).map(|other| u64::from(class == other)).collect()).collect();
        let svg = Confusion { subject: subject(1000), counts }.svg();
        assert!(svg.contains(">56 c56<") && !svg.contains(">57 c57<"), "every 28th");
        assert!(svg.len() < 1_000_000, "{}", svg.len());
        let answers = StepAnswers {
            subject: subject(1000),
            sample: Sample { label: 3, ..sample() },
            by: ReadBy::Rows,
            grid: [2, 2],
            probabilities: vec![vec![0.001; 1000]; 2],
        };
        let svg = answers.svg();
        assert!(svg.contains(">3 c3<") && !svg.contains(">4 c4<"));
    }
}
