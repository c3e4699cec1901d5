//! How often each class is taken for each, as kept weights tell it.

use serde::{Deserialize, Serialize};

use super::Subject;
use super::canvas::{Area, EDGE, LABEL, RIGHT, Shade, cells, every, fitted, picture};
use crate::report::chart::svg::{Anchor, TextStyle};
use crate::report::confusion::confusion;
use crate::report::table::Table;

/// How often each class is taken for each, over the trial's test samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confusion {
    /// The network that it is of.
    pub subject: Subject,
    /// The number of test samples, with a row for each true class and a column for each predicted class.
    pub counts: Vec<Vec<u64>>,
}

impl Confusion {
    /// Counts pairs of a true and a predicted one of `classes` classes.
    pub fn count(subject: Subject, classes: u32, pairs: impl Iterator<Item = (usize, usize)>) -> Self {
        let classes = classes as usize;
        let mut counts = vec![vec![0; classes]; classes];
        for (truth, predicted) in pairs {
            if let Some(count) = counts.get_mut(truth).and_then(|row| row.get_mut(predicted)) {
                *count += 1;
            }
        }
        Confusion { subject, counts }
    }

    fn right(&self) -> u64 {
        self.counts.iter().enumerate().map(|(class, row)| row[class]).sum()
    }

    fn all(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    fn title(&self) -> String {
        let right = self.right();
        let all = self.all();
        let share = right as f64 / all.max(1) as f64 * 100.0;
        format!("{}: {right} of {all} test samples right, {share:.2} %", self.subject)
    }

    /// Returns the counts as a table.
    pub fn table(&self) -> Table {
        confusion(self.title(), &self.counts, &self.subject.class_names)
    }

    /// Returns the same as a picture, shaded by the fraction of the true class.
    pub fn svg(&self) -> String {
        let note = "Rows are true classes, columns the classes that samples are taken for; each cell is shaded by \
                    the square root of its part of its row, so that rare mistakes are seen, too.";
        picture(&self.title(), &[note.to_owned()], |svg, top| {
            let classes = self.counts.len();
            let side = if self.subject.has_names() { 440.0 } else { 460.0 };
            let beside = if self.subject.has_names() { 136.0 } else { 56.0 };
            let area = Area { x: EDGE + beside, y: top + 36.0, width: side, height: side };
            let share = |row: &Vec<u64>| -> Vec<f32> {
                let all: u64 = row.iter().sum();
                row.iter().map(|&count| count as f32 / all.max(1) as f32).collect()
            };
            let rooted: Vec<Vec<f32>> =
                self.counts.iter().map(|row| share(row).into_iter().map(f32::sqrt).collect()).collect();
            let shade = Shade::Amount(1.0);
            cells(svg, area, rooted.iter().map(Vec::as_slice), shade);
            let pitch = side / classes.max(1) as f64;
            svg.words([area.middle(), top + 13.0], Anchor::Middle, LABEL, "taken for");
            svg.words([EDGE, area.y - 8.0], Anchor::Start, LABEL, "true class");
            for (class, (counts, shares)) in self.counts.iter().zip(&rooted).enumerate() {
                let at = (class as f64 + 0.5) * pitch;
                if !class.is_multiple_of(every(pitch)) {
                    continue;
                }
                let name = fitted(&self.subject.class(class), LABEL.size, beside - 12.0);
                svg.words([area.x + at, area.y - 8.0], Anchor::Middle, LABEL, &class.to_string());
                svg.words([area.x - 10.0, area.y + at + 4.0], Anchor::End, LABEL, &name);
                let all: u64 = counts.iter().sum();
                let recall = counts[class] as f64 / all.max(1) as f64 * 100.0;
                let face = TextStyle { colour: RIGHT, ..LABEL };
                svg.words(
                    [area.right() + 12.0, area.y + at + 4.0],
                    Anchor::Start,
                    face,
                    &format!("{recall:.1} % right"),
                );
                // Counts in cells so small would hide each other.
                if every(pitch) > 1 {
                    continue;
                }
                for (column, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                    let colour = if shade.is_dark(shares[column]) { "#fff" } else { "#1a1a1a" };
                    let face = TextStyle { size: 13.0, colour, bold: class == column, halo: false };
                    let x = area.x + (column as f64 + 0.5) * pitch;
                    svg.words([x, area.y + at + 4.5], Anchor::Middle, face, &count.to_string());
                }
            }
            area.bottom() + 8.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::WeightsChoice;
    use crate::report::{TableFormat, render};

    #[test]
    fn what_is_right_stands_on_the_diagonal() {
        let subject = Subject {
            trial: "s/c/1".to_owned(),
            identity: String::new(),
            weights: WeightsChoice::Best,
            dataset: "glyphs".to_owned(),
            class_names: Vec::new(),
        };
        let counted = Confusion::count(subject, 10, [(0, 0), (0, 0), (0, 3), (3, 3), (9, 0)].into_iter());
        let csv = render(&[counted.table()], TableFormat::CSV, None);
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[1], "0,2,0,0,1,0,0,0,0,0,0,3,0.6666666666666666");
        assert_eq!(lines[2], "1,0,0,0,0,0,0,0,0,0,0,0,");
        assert_eq!(lines[11], "precision %,0.6666666666666666,,,0.5,,,,,,,5,0.6");
    }
}
