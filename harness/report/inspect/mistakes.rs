//! Test samples that are taken for another class.

use serde::{Deserialize, Serialize};

use super::canvas::{Area, EDGE, LABEL, NOTE, WIDTH, WRONG, fitted, image, percent, picture};
use super::{Sample, Subject};
use crate::report::chart::svg::{Anchor, TextStyle};

/// Test samples that are taken for another class, the surest mistakes first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mistakes {
    /// The network that it is of.
    pub subject: Subject,
    /// The trial's test samples.
    pub tested: usize,
    /// Those of them that are taken for another class.
    pub mistaken: usize,
    /// Some of the mistaken samples, the surest mistake first.
    pub shown: Vec<Mistake>,
}

/// A test sample that is taken for another class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// The sample, with its true class.
    pub sample: Sample,
    /// The class it is taken for.
    pub predicted: usize,
    /// The probability of the predicted class.
    pub probability: f32,
    /// The probability of its true class.
    pub probability_of_truth: f32,
}

impl Mistakes {
    /// Returns a sheet of the shown samples as an SVG picture.
    pub fn svg(&self) -> String {
        const COLUMNS: usize = 10;
        const GAP: f64 = 12.0;
        let pitch = (WIDTH - 2.0 * EDGE + GAP) / COLUMNS as f64;
        let Mistakes { subject, tested, mistaken, shown } = self;
        let title = format!("{subject}: {mistaken} of {tested} test samples are taken for another class");
        let note = format!(
            "Shown: {} of them, the surest mistakes first. Below each: its true class, the class it is taken for; the \
             probability of that; its index in the test split of {}.",
            shown.len(),
            subject.dataset
        );
        picture(&title, &[note], |svg, top| {
            let side = pitch - GAP;
            let truth = if subject.has_names() { 14.0 } else { 0.0 };
            let row = side + truth + 60.0;
            for (place, Mistake { sample, predicted, probability, .. }) in shown.iter().enumerate() {
                let x = EDGE + (place % COLUMNS) as f64 * pitch;
                let y = top + (place / COLUMNS) as f64 * row;
                image(svg, Area { x, y, width: side, height: side }, &sample.image);
                let middle = x + side / 2.0;
                let face = TextStyle { bold: true, colour: WRONG, ..LABEL };
                let below = y + side + truth;
                let room = |words: &str| fitted(words, face.size, pitch - 2.0);
                let words = if subject.has_names() {
                    let words = subject.class(sample.label.into());
                    svg.words([middle, y + side + 15.0], Anchor::Middle, face, &room(&words));
                    format!("as {}", subject.class(*predicted))
                } else {
                    format!("{} as {predicted}", sample.label)
                };
                svg.words([middle, below + 15.0], Anchor::Middle, face, &room(&words));
                svg.words([middle, below + 29.0], Anchor::Middle, NOTE, &percent(*probability));
                svg.words([middle, below + 43.0], Anchor::Middle, NOTE, &sample.index.to_string());
            }
            top + shown.len().div_ceil(COLUMNS) as f64 * row
        })
    }
}
