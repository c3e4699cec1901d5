//! The probabilities of the classes after every time step, beside the image as it has been read so far.

use serde::{Deserialize, Serialize};

use super::canvas::{
    Area, EDGE, Image, LABEL, NOTE, RIGHT, Shade, WIDTH, WRONG, cells, every, fitted, frame, image,
    most_probable, percent, picture, scale,
};
use super::{Sample, Subject};
use crate::escape::json;
use crate::recipe::ReadBy;
use crate::report::chart::svg::{Anchor, Svg, TextStyle};

/// The answers to a sample that is read step by step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepAnswers {
    /// The network that it is of.
    pub subject: Subject,
    /// The sample that is read.
    pub sample: Sample,
    /// The order in which it is read.
    pub by: ReadBy,
    /// Height and width of what is read: the image, or the feature map that convolutions make of it.
    pub grid: [u32; 2],
    /// After each time step the probability of each class.
    pub probabilities: Vec<Vec<f32>>,
}

/// Thumbnails in the overview.
const THUMBNAILS: usize = 8;

impl StepAnswers {
    /// Returns the page: without a network or a file besides, it shows one step after another.
    ///
    /// # Errors
    /// None that the data of a network can cause: what JSON cannot hold.
    pub fn html(&self) -> Result<String, serde_json::Error> {
        let data = json::script(&serde_json::to_string(self)?);
        Ok(include_str!("steps.html").replace("{{data}}", &data))
    }

    /// Returns all steps at once.
    pub fn svg(&self) -> String {
        let title = format!("{}: {}", self.subject, self.sample.named(&self.subject));
        let steps = self.probabilities.len();
        let last = self.probabilities.last().map(|last| most_probable(last));
        let end = last.map_or(String::new(), |(class, probability)| {
            format!(" At the end it is taken for a {} ({}).", self.subject.class(class), percent(probability))
        });
        let how = match self.by {
            _ if self.sample.is_sequence => "step by step, from the left",
            ReadBy::Rows => "row by row, from the top",
            ReadBy::Columns => "column by column, from the left",
            ReadBy::Pixels => "pixel by pixel, row after row",
        };
        let [height, width] = self.grid;
        let image = &self.sample.image;
        let what = if [height as usize, width as usize] == [image.height, image.width] {
            if self.sample.is_sequence { "The sequence" } else { "The image" }.to_owned()
        } else {
            format!("The feature map of {height} x {width} that is made of the image")
        };
        let note = format!(
            "{what} is read {how}, in {steps} time steps. Above: what has been read, and the most probable class \
             (blue where it is the right one).{end}"
        );
        picture(&title, &[note], |svg, top| {
            let below = self.thumbnails(svg, top);
            let classes = self.probabilities.first().map_or(0, Vec::len);
            let x = if self.subject.has_names() { 140.0 } else { 60.0 };
            let height = (classes as f64 * 20.0).clamp(200.0, 600.0);
            let area = Area { x, y: below + 22.0, width: WIDTH - EDGE - x, height };
            svg.words([EDGE, below + 14.0], Anchor::Start, LABEL, "probability of each class");
            scale(svg, [WIDTH - EDGE - 135.0, below + 4.0], Shade::Amount(1.0));
            self.heat(svg, area);
            area.bottom() + 38.0
        })
    }

    fn thumbnails(&self, svg: &mut Svg, top: f64) -> f64 {
        let steps = self.probabilities.len();
        let shown = steps.min(THUMBNAILS);
        const GAP: f64 = 10.0;
        let pitch = (WIDTH - 2.0 * EDGE + GAP) / THUMBNAILS as f64;
        let height = self.sample.image.height as f64;
        let width = self.sample.image.width as f64;
        let size = (pitch - GAP) / width.max(height);
        for nth in 1..=shown {
            let step = nth * steps / shown;
            let area = Area {
                x: EDGE + (nth - 1) as f64 * pitch,
                y: top,
                width: width * size,
                height: height * size,
            };
            image(svg, area, &self.read(step));
            let (class, probability) = most_probable(&self.probabilities[step - 1]);
            let colour = if class == usize::from(self.sample.label) { RIGHT } else { WRONG };
            let face = TextStyle { bold: true, colour, ..LABEL };
            let words = fitted(&self.subject.class(class), face.size, pitch - 2.0);
            svg.words([area.middle(), area.bottom() + 16.0], Anchor::Middle, face, &words);
            let below = format!("{} at {step}", percent(probability));
            svg.words([area.middle(), area.bottom() + 31.0], Anchor::Middle, NOTE, &below);
        }
        top + height * size + 42.0
    }

    /// A row a class, a column a step.
    fn heat(&self, svg: &mut Svg, area: Area) {
        let classes = self.probabilities.first().map_or(0, Vec::len);
        let rows: Vec<Vec<f32>> =
            (0..classes).map(|class| self.probabilities.iter().map(|step| step[class]).collect()).collect();
        cells(svg, area, rows.iter().map(Vec::as_slice), Shade::Amount(1.0));
        let high = area.height / classes.max(1) as f64;
        for class in 0..classes {
            let y = area.y + class as f64 * high;
            let right = class == usize::from(self.sample.label);
            let face = if right { TextStyle { bold: true, colour: RIGHT, ..LABEL } } else { LABEL };
            let is_near = usize::from(self.sample.label).abs_diff(class) < every(high);
            if right || (class.is_multiple_of(every(high)) && !is_near) {
                let words = fitted(&self.subject.class(class), face.size, area.x - EDGE - 8.0);
                svg.words([area.x - 8.0, y + high / 2.0 + 4.0], Anchor::End, face, &words);
            }
            if right {
                frame(svg, Area { y, height: high, ..area }, RIGHT, 1.5);
            }
        }
        let steps = self.probabilities.len();
        for step in ticks(steps) {
            let x = area.x + (step as f64 - 0.5) * area.width / steps.max(1) as f64;
            svg.words([x, area.bottom() + 16.0], Anchor::Middle, NOTE, &step.to_string());
        }
        svg.words([area.middle(), area.bottom() + 32.0], Anchor::Middle, LABEL, "time steps read");
    }

    /// The image as it has been read after so many steps; what has not is half as bright as nothing.
    fn read(&self, step: usize) -> Image {
        let Image { channels, height, width, ref pixels } = self.sample.image;
        let pixel = |index: usize| {
            let place = index % (height * width).max(1);
            if self.is_read([place / width, place % width], step) { pixels[index] } else { 0.85 }
        };
        Image { channels, height, width, pixels: (0..pixels.len()).map(pixel).collect() }
    }

    /// Whether a pixel at [down, across] has been read after so many steps. A step of a feature map
    /// is shown as the part of the image that it stands for.
    fn is_read(&self, [down, across]: [usize; 2], step: usize) -> bool {
        let [rows, columns] = self.grid.map(|side| side as usize);
        let row = down * rows / self.sample.image.height;
        let column = across * columns / self.sample.image.width;
        let at = match self.by {
            ReadBy::Rows => row,
            ReadBy::Columns => column,
            ReadBy::Pixels => row * columns + column,
        };
        at < step
    }
}

/// Round steps to write at an axis: the first, the last, and some between.
fn ticks(steps: usize) -> Vec<usize> {
    let every = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 2000, 5000];
    let every = every.into_iter().find(|every| steps / every <= 14).unwrap_or(steps.max(1));
    let mut ticks: Vec<usize> = (0..=steps / every).map(|nth| nth * every).collect();
    ticks[0] = 1;
    ticks.dedup();
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::WeightsChoice;

    fn steps(by: ReadBy, grid: [u32; 2]) -> StepAnswers {
        let subject = Subject {
            trial: "s/c/1".to_owned(),
            identity: String::new(),
            weights: WeightsChoice::Best,
            dataset: "glyphs".to_owned(),
            class_names: Vec::new(),
        };
        let image = Image { channels: 1, height: 4, width: 4, pixels: vec![0.0; 16] };
        let sample = Sample { index: 0, label: 3, image, is_sequence: false };
        StepAnswers { subject, sample, by, grid, probabilities: vec![vec![0.1; 10]; 4] }
    }

    fn read(steps: &StepAnswers, step: usize) -> Vec<usize> {
        let pixels = steps.read(step).pixels;
        (0..pixels.len()).filter(|&index| pixels[index] == 0.0).collect()
    }

    #[test]
    fn the_image_is_read_as_the_network_reads_it() {
        assert_eq!(read(&steps(ReadBy::Rows, [4, 4]), 1), [0, 1, 2, 3]);
        assert_eq!(read(&steps(ReadBy::Columns, [4, 4]), 1), [0, 4, 8, 12]);
        assert_eq!(read(&steps(ReadBy::Pixels, [4, 4]), 6), [0, 1, 2, 3, 4, 5]);
        // A feature map of half the size: its first pixel stands for four.
        assert_eq!(read(&steps(ReadBy::Pixels, [2, 2]), 1), [0, 1, 4, 5]);
        assert_eq!(read(&steps(ReadBy::Rows, [2, 2]), 2).len(), 16);
    }

    #[test]
    fn ticks_are_few_and_round() {
        assert_eq!(ticks(14), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
        assert_eq!(ticks(28), [1, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28]);
        assert_eq!(ticks(196), [1, 20, 40, 60, 80, 100, 120, 140, 160, 180]);
        assert_eq!(ticks(1), [1]);
    }

    #[test]
    fn the_page_stands_alone() {
        let mut steps = steps(ReadBy::Rows, [4, 4]);
        steps.subject.dataset = "</script><b>".to_owned();
        let page = steps.html().unwrap();
        assert_eq!(page.matches("</script>").count(), 1);
        for word in ["http:", "https:", "src=", "href=", "@import", "url("] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(!page.contains("{{"));
    }
}
