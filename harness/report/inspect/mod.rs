//! What a trained network shows, as data and as pictures.

mod canvas;
mod confusion;
mod examples;
mod finding;
mod gradients;
mod last_steps;
mod mistakes;
mod states;
mod steps;
mod validate;

use serde::{Deserialize, Serialize};

pub use canvas::{Image, most_probable};
pub use confusion::Confusion;
pub use examples::{Example, Examples};
pub use finding::ViewFinding;
pub use gradients::{GradientNorms, Gradients};
pub use last_steps::{LastSteps, SampleSteps};
pub use mistakes::{Mistake, Mistakes};
pub use states::{PartOverTime, States};
pub use steps::StepAnswers;

use crate::recipe::class_label;
use crate::record::WeightsChoice;

/// The network that is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// The name of the trial: `suite/case/seed`.
    pub trial: String,
    /// The identity of the trial.
    pub identity: String,
    /// Which of its weights.
    pub weights: WeightsChoice,
    /// The name of the dataset.
    pub dataset: String,
    /// The names of its classes, if they have names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub class_names: Vec<String>,
}

impl Subject {
    /// Returns how people are told of a class: by its number, and by its name if it has one.
    fn class(&self, class: usize) -> String {
        class_label(class, &self.class_names)
    }

    /// Returns whether the classes have names.
    fn has_names(&self) -> bool {
        !self.class_names.is_empty()
    }
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {} weights", self.trial, self.weights)
    }
}

/// A sample of the test split, as the network sees it but for its normalisation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Its index in the test split.
    pub index: u32,
    /// The true class of the sample.
    pub label: u16,
    /// The image that the network reads.
    pub image: Image,
    /// Whether it is a sequence, of which the image has its steps across.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_sequence: bool,
}

impl Sample {
    fn named(&self, subject: &Subject) -> String {
        let label = subject.class(self.label.into());
        format!("sample {} of {}'s test split, a {label}", self.index, subject.dataset)
    }
}
