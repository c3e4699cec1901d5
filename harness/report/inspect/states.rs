//! What recurrent layers hold over time, beside the image that is read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::canvas::{Area, EDGE, LABEL, NOTE, Shade, WIDTH, cells, image, picture, scale};
use super::{Sample, Subject};
use crate::event::{Insight, Part};
use crate::recipe::ReadBy;
use crate::report::chart::svg::{Anchor, Svg};

/// What parts of recurrent layers hold over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct States {
    /// The network that it is of.
    pub subject: Subject,
    /// The sample that is read.
    pub sample: Sample,
    /// The order in which it is read.
    pub by: ReadBy,
    /// Layer by layer, in the network's order, its parts in the order of [`Part`].
    pub states: Vec<PartOverTime>,
}

/// One part of one layer over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartOverTime {
    /// Index of the layer, and which of its stack: `2.l0`, `2.l1_reverse`.
    pub layer: String,
    /// The part of the cell.
    pub part: Part,
    /// The values, with a row for each time step and a column for each unit.
    pub values: Vec<Vec<f32>>,
}

impl Part {
    /// Its name and letter in the equations.
    fn label(self) -> &'static str {
        match self {
            Part::Input => "input gate i",
            Part::Forget => "forget gate f",
            Part::Output => "output gate o",
            Part::Reset => "reset gate r",
            Part::Update => "update gate z",
            Part::Candidate => "candidate",
            Part::Cell => "cell state c",
            Part::Hidden => "output h",
        }
    }

    /// Whether it is a sigmoid, within 0 and 1.
    fn is_gate(self) -> bool {
        matches!(self, Part::Input | Part::Forget | Part::Output | Part::Reset | Part::Update)
    }
}

impl PartOverTime {
    /// Returns the parts of the rows that a worker gave, in any order.
    pub fn collect(insights: Vec<Insight>) -> Vec<PartOverTime> {
        let mut order = Vec::new();
        let mut found: BTreeMap<(String, Part), BTreeMap<u32, Vec<f32>>> = BTreeMap::new();
        for insight in insights {
            if let Insight::State { layer, part, step, values } = insight {
                if !order.contains(&layer) {
                    order.push(layer.clone());
                }
                found.entry((layer, part)).or_default().insert(step, values);
            }
        }
        let place = |layer: &String| order.iter().position(|known| known == layer);
        let mut heats: Vec<PartOverTime> = found
            .into_iter()
            .map(|((layer, part), rows)| PartOverTime { layer, part, values: rows.into_values().collect() })
            .collect();
        heats.sort_by_key(|heat| (place(&heat.layer), heat.part));
        heats
    }

    fn shade(&self) -> Shade {
        if self.part.is_gate() {
            return Shade::Amount(1.0);
        }
        let largest = self.values.iter().flatten().fold(0.0f32, |most, value| most.max(value.abs()));
        // To a round number, so that pictures can be compared.
        let round = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0]
            .into_iter()
            .find(|round| largest <= *round);
        Shade::Signed(round.unwrap_or(largest))
    }
}

/// The height of the image and, where there is one part a layer, of the states beside it.
const HEIGHT: f64 = 300.0;
impl States {
    /// Returns a picture of the outputs alone, beside the image and as high as that, so that a row of the image and
    /// what it did are at one height.
    pub fn hidden_svg(&self) -> String {
        let title = format!("{}: {}", self.subject, self.sample.named(&self.subject));
        let note = "Each picture: the output h of a recurrent layer, time steps from top to bottom, units from left to \
                    right.";
        picture(&title, &[note.to_owned()], |svg, top| {
            let wide = HEIGHT * self.sample.image.width as f64 / self.sample.image.height.max(1) as f64;
            let sideways = wide.min(WIDTH * 0.45);
            let beside = Area { x: EDGE, y: top + 20.0, width: sideways, height: HEIGHT * sideways / wide };
            svg.words([EDGE, top + 13.0], Anchor::Start, LABEL, "what is read");
            image(svg, beside, &self.sample.image);
            let left = beside.right() + 48.0;
            let mut y = top;
            for heat in &self.states {
                let room = WIDTH - EDGE - left;
                let units = heat.values.first().map_or(1, Vec::len) as f64;
                let width = room.min(units * 12.0).max(40.0);
                let area = Area { x: left, y: y + 20.0, width, height: beside.height };
                svg.words([left, y + 13.0], Anchor::Start, LABEL, &heat.title());
                draw(svg, area, heat);
                scale(svg, [left, area.bottom() + 8.0], heat.shade());
                y = area.bottom() + 34.0;
            }
            y.max(beside.bottom() + 8.0)
        })
    }

    /// Returns every part of every layer.
    pub fn gates_svg(&self) -> String {
        let title = format!("{}: {}", self.subject, self.sample.named(&self.subject));
        let note = "Each picture: time steps from top to bottom, units from left to right.";
        picture(&title, &[note.to_owned()], |svg, top| {
            const SIDE: f64 = 120.0;
            let tall = self.sample.image.height as f64 / self.sample.image.width.max(1) as f64;
            let area = Area { x: EDGE, y: top, width: SIDE, height: (SIDE * tall).min(2.0 * SIDE) };
            image(svg, area, &self.sample.image);
            scale(svg, [area.right() + 24.0, top + 14.0], Shade::Amount(1.0));
            svg.words([area.right() + 170.0, top + 23.0], Anchor::Start, NOTE, "gates");
            let mut known: Vec<Shade> = Vec::new();
            let states =
                self.states.iter().map(PartOverTime::shade).filter(|shade| *shade != Shade::Amount(1.0));
            for shade in states {
                if !known.contains(&shade) {
                    let y = top + 38.0 + 24.0 * known.len() as f64;
                    scale(svg, [area.right() + 24.0, y], shade);
                    let of: Vec<&str> = self.parts_with(shade);
                    svg.words([area.right() + 170.0, y + 9.0], Anchor::Start, NOTE, &of.join(", "));
                    known.push(shade);
                }
            }
            let mut y = area.bottom().max(top + 44.0 + 24.0 * known.len() as f64) + 12.0;
            for layer in self.states.chunk_by(|a, b| a.layer == b.layer) {
                y = self.panels(svg, y, layer) + 14.0;
            }
            y
        })
    }

    /// The parts that are drawn in this shade, each once.
    fn parts_with(&self, shade: Shade) -> Vec<&'static str> {
        let mut parts: Vec<Part> =
            self.states.iter().filter(|heat| heat.shade() == shade).map(|heat| heat.part).collect();
        parts.sort();
        parts.dedup();
        parts.into_iter().map(Part::label).collect()
    }

    /// The parts of one layer, from `top` on; gives where they end.
    fn panels(&self, svg: &mut Svg, top: f64, layer: &[PartOverTime]) -> f64 {
        const GAP: f64 = 34.0;
        let columns = if layer.len() == 4 { 4 } else { 3 };
        let width = (WIDTH - 2.0 * EDGE - GAP * columns as f64) / columns as f64;
        let steps = layer.first().map_or(1, |heat| heat.values.len()) as f64;
        let height = (steps * 5.0).clamp(90.0, 240.0);
        let name = layer.first().map_or(String::new(), |heat| format!("layer {}", heat.layer));
        svg.words([EDGE, top + 14.0], Anchor::Start, super::canvas::TITLE, &name);
        let mut bottom = top;
        for (place, heat) in layer.iter().enumerate() {
            let row = (place / columns) as f64;
            let column = (place % columns) as f64;
            let x = EDGE + GAP * 0.7 + column * (width + GAP);
            let y = top + 42.0 + row * (height + 32.0);
            svg.words([x, y - 7.0], Anchor::Start, LABEL, heat.part.label());
            draw(svg, Area { x, y, width, height }, heat);
            bottom = y + height;
        }
        bottom
    }
}

impl PartOverTime {
    fn title(&self) -> String {
        let units = self.values.first().map_or(0, Vec::len);
        format!("layer {}: {} time steps, {units} units", self.layer, self.values.len())
    }
}

/// The states, with the first and last time step written at their left.
fn draw(svg: &mut Svg, area: Area, heat: &PartOverTime) {
    cells(svg, area, heat.values.iter().map(Vec::as_slice), heat.shade());
    let steps = heat.values.len();
    svg.words([area.x - 5.0, area.y + 9.0], Anchor::End, NOTE, "1");
    svg.words([area.x - 5.0, area.bottom()], Anchor::End, NOTE, &steps.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_together_whatever_their_order() {
        let state = |layer: &str, part, step, value| Insight::State {
            layer: layer.to_owned(),
            part,
            step,
            values: vec![value],
        };
        let heats = PartOverTime::collect(vec![
            state("10.l0", Part::Hidden, 2, 0.2),
            state("10.l0", Part::Input, 1, 0.3),
            state("10.l0", Part::Hidden, 1, 0.1),
            state("2.l0", Part::Hidden, 1, 0.4),
        ]);
        let found: Vec<(&str, Part, Vec<f32>)> =
            heats.iter().map(|heat| (heat.layer.as_str(), heat.part, heat.values.concat())).collect();
        let expected = [
            ("10.l0", Part::Input, vec![0.3]),
            ("10.l0", Part::Hidden, vec![0.1, 0.2]),
            ("2.l0", Part::Hidden, vec![0.4]),
        ];
        assert_eq!(found, expected);
    }
}
