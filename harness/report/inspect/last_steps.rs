//! What samples are taken for after each of the last time steps.

use serde::{Deserialize, Serialize};

use super::canvas::{Area, EDGE, LABEL, NOTE, RIGHT, WRONG, fitted, image, most_probable, percent, picture};
use super::{Sample, Subject};
use crate::report::chart::svg::{Anchor, TextStyle};

/// What some samples are taken for after each of the last time steps, and how many are right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastSteps {
    /// The network that it is of.
    pub subject: Subject,
    /// The time steps, counted from 1.
    pub steps: Vec<u32>,
    /// After each of them, the accuracy over all test samples of the trial.
    pub accuracies: Vec<f64>,
    /// Some of the trial's test samples.
    pub samples: Vec<SampleSteps>,
}

/// The probabilities for one sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleSteps {
    /// The sample, as the network sees it.
    pub sample: Sample,
    /// After each step, of each class.
    pub probabilities: Vec<Vec<f32>>,
}

impl LastSteps {
    /// Returns a row a sample, a column a time step.
    pub fn svg(&self) -> String {
        const IMAGE: f64 = 52.0;
        const ROW: f64 = 64.0;
        const COLUMN: f64 = 92.0;
        let title = format!("{}: its answers after each of the last time steps", self.subject);
        let note = format!(
            "Below each step: the accuracy over all of the trial's test samples of {}, had they ended there. Blue is \
             the true class, orange another.",
            self.subject.dataset
        );
        picture(&title, &[note], |svg, top| {
            let left = EDGE + 190.0;
            for (column, (step, accuracy)) in self.steps.iter().zip(&self.accuracies).enumerate() {
                let x = left + (column as f64 + 0.5) * COLUMN;
                let face = TextStyle { bold: true, ..LABEL };
                svg.words([x, top + 14.0], Anchor::Middle, face, &format!("step {step}"));
                let share = format!("{:.2} %", accuracy * 100.0);
                svg.words([x, top + 30.0], Anchor::Middle, LABEL, &share);
            }
            svg.words([left - 8.0, top + 30.0], Anchor::End, LABEL, "test accuracy");
            for (row, SampleSteps { sample, probabilities }) in self.samples.iter().enumerate() {
                let y = top + 44.0 + row as f64 * ROW;
                image(svg, Area { x: EDGE, y, width: IMAGE, height: IMAGE }, &sample.image);
                let name = format!("a {}", self.subject.class(sample.label.into()));
                let name = fitted(&name, LABEL.size, left - EDGE - IMAGE - 16.0);
                svg.words([EDGE + IMAGE + 12.0, y + 24.0], Anchor::Start, LABEL, &name);
                let index = format!("sample {}", sample.index);
                svg.words([EDGE + IMAGE + 12.0, y + 40.0], Anchor::Start, NOTE, &index);
                for (column, probabilities) in probabilities.iter().enumerate() {
                    let x = left + (column as f64 + 0.5) * COLUMN;
                    let (class, probability) = most_probable(probabilities);
                    let colour = if class == usize::from(sample.label) { RIGHT } else { WRONG };
                    let size = if self.subject.has_names() { LABEL.size } else { 20.0 };
                    let face = TextStyle { size, colour, bold: true, halo: false };
                    let words = fitted(&self.subject.class(class), size, COLUMN - 4.0);
                    svg.words([x, y + 28.0], Anchor::Middle, face, &words);
                    svg.words([x, y + 44.0], Anchor::Middle, NOTE, &percent(probability));
                }
            }
            top + 44.0 + self.samples.len() as f64 * ROW
        })
    }
}
