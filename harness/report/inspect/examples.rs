//! Training samples as a trial is given them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::canvas::{Area, EDGE, Image, LABEL, NOTE, WIDTH, WRONG, fitted, image, picture};
use super::{Sample, Subject};
use crate::report::chart::svg::{Anchor, TextStyle};

/// Some of a trial's training samples, before and after what is done to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Examples {
    /// The network that it is of.
    pub subject: Subject,
    /// Equally many of each class, classes in order.
    pub examples: Vec<Example>,
}

/// A training sample, before and after what is done to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// As the dataset's training split has it, with its true class.
    pub sample: Sample,
    /// As the first epoch sees it, but for the normalisation; `None` where that is the same.
    pub seen: Option<Image>,
    /// The class that the network is taught.
    pub taught: u16,
}

impl Examples {
    /// Returns a sheet: two classes a row, below each image what is made of it.
    pub fn svg(&self) -> String {
        const GAP: f64 = 6.0;
        let Subject { trial, dataset, .. } = &self.subject;
        let has_names = self.subject.has_names();
        let beside = if has_names { 92.0 } else { 28.0 };
        let title = format!("{dataset}: training images as {trial} is given them");
        let mut classes: BTreeMap<u16, Vec<&Example>> = BTreeMap::new();
        for example in &self.examples {
            classes.entry(example.sample.label).or_default().push(example);
        }
        let most = classes.values().map(Vec::len).max().unwrap_or(1) as f64;
        let half = (WIDTH - 2.0 * EDGE) / 2.0;
        let side = ((half - beside - 10.0) / most - GAP).min(64.0);
        let is_changed = self.examples.iter().any(|example| example.seen.is_some());
        let is_renamed = self.examples.iter().any(|example| example.taught != example.sample.label);
        let high = side
            + if is_changed { side + 3.0 } else { 0.0 }
            + if is_renamed { 15.0 } else { 0.0 }
            + GAP
            + 6.0;
        let mut notes = vec!["Before each row: its class.".to_owned()];
        if is_changed {
            notes[0] += " Above: images of the dataset. Below: as the first epoch sees them.";
        }
        if is_renamed {
            notes[0] += " Orange: the class that is taught where it is another.";
        }
        picture(&title, &notes, |svg, top| {
            for (place, (class, examples)) in classes.iter().enumerate() {
                let left = EDGE + half * (place % 2) as f64;
                let y = top + high * (place / 2) as f64;
                let size = if has_names { LABEL.size } else { 16.0 };
                let face = TextStyle { bold: true, size, ..LABEL };
                let words = fitted(&self.subject.class((*class).into()), size, beside - 4.0);
                svg.words([left, y + side / 2.0 + 6.0], Anchor::Start, face, &words);
                for (column, Example { sample, seen, taught }) in examples.iter().enumerate() {
                    let area = Area {
                        x: left + beside + column as f64 * (side + GAP),
                        y,
                        width: side,
                        height: side,
                    };
                    image(svg, area, &sample.image);
                    let mut bottom = area.bottom();
                    if is_changed {
                        let below = Area { y: bottom + 3.0, ..area };
                        image(svg, below, seen.as_ref().unwrap_or(&sample.image));
                        bottom = below.bottom();
                    }
                    if taught != class {
                        let face = TextStyle { bold: true, colour: WRONG, ..NOTE };
                        let words = fitted(&self.subject.class((*taught).into()), face.size, side + GAP);
                        svg.words([area.middle(), bottom + 12.0], Anchor::Middle, face, &words);
                    }
                }
            }
            top + high * classes.len().div_ceil(2) as f64
        })
    }
}
