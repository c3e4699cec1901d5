//! SVG as text, and what all pictures have in common.

use std::fmt::Write;

use crate::escape::xml;

/// The width of every picture, in pixels.
pub(in crate::report) const WIDTH: f64 = 700.0;
/// The room around everything, in pixels.
pub(in crate::report) const EDGE: f64 = 16.0;
const FONT: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

pub(in crate::report) const TITLE: TextStyle =
    TextStyle { size: 15.0, colour: "#1a1a1a", bold: true, halo: false };
pub(in crate::report) const LABEL: TextStyle =
    TextStyle { size: 12.0, colour: "#444", bold: false, halo: false };
pub(in crate::report) const NOTE: TextStyle =
    TextStyle { size: 11.0, colour: "#666", bold: false, halo: false };

/// Elements, one a line.
#[derive(Default)]
pub(in crate::report) struct Svg(String);

/// How a text stands to its place.
#[derive(Clone, Copy)]
pub(in crate::report) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text's size in pixels and its colour.
#[derive(Clone, Copy)]
pub(in crate::report) struct TextStyle {
    pub size: f64,
    pub colour: &'static str,
    pub bold: bool,
    /// On white, where something may lie below it.
    pub halo: bool,
}

impl Svg {
    /// An element without content.
    pub fn element(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.open(name, attributes);
        self.0.truncate(self.0.len() - 2);
        self.0 += "/>\n";
    }

    /// Writes the beginning of an element.
    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let _ = write!(self.0, "<{name}");
        for (key, value) in attributes {
            let _ = write!(self.0, " {key}=\"{}\"", xml::attribute(value));
        }
        self.0 += ">\n";
    }

    /// Writes the end of an element.
    pub fn close(&mut self, name: &str) {
        let _ = writeln!(self.0, "</{name}>");
    }

    /// Draws a straight line.
    pub fn line(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2], attributes: &[(&str, &str)]) {
        let path = format!("M{} {}L{} {}", number(x1), number(y1), number(x2), number(y2));
        self.element("path", &[&[("d", path.as_str())], attributes].concat());
    }

    /// Words; `10^-5` is written with a raised exponent.
    pub fn words(&mut self, [x, y]: [f64; 2], anchor: Anchor, face: TextStyle, words: &str) {
        let x = number(x);
        let y = number(y);
        let size = number(face.size);
        let mut attributes = vec![("x", x.as_str()), ("y", &y), ("font-size", &size), ("fill", face.colour)];
        match anchor {
            Anchor::Start => {}
            Anchor::Middle => attributes.push(("text-anchor", "middle")),
            Anchor::End => attributes.push(("text-anchor", "end")),
        }
        if face.bold {
            attributes.push(("font-weight", "600"));
        }
        if face.halo {
            attributes.extend([("paint-order", "stroke"), ("stroke", "#fff"), ("stroke-width", "3")]);
        }
        self.open("text", &attributes);
        self.0.pop();
        match words.split_once("10^") {
            Some((before, power)) if power.parse::<i32>().is_ok() => {
                let size = number(face.size * 0.75);
                let raised = number(-face.size * 0.35);
                let power = power.replace('-', "−");
                let _ = write!(
                    self.0,
                    "{}10<tspan dy=\"{raised}\" font-size=\"{size}\">{power}</tspan>",
                    xml::content(before)
                );
            }
            _ => self.0 += &xml::content(words),
        }
        self.close("text");
    }

    /// A text element that is not drawn: a title.
    pub fn titled(&mut self, words: &str) {
        let _ = writeln!(self.0, "<title>{}</title>", xml::content(words));
    }

    /// Returns the title from `top` on, in as many lines as it takes; gives where they end.
    pub fn heading(&mut self, title: &str, mut top: f64) -> f64 {
        for line in wrapped(title, TITLE.size * 1.1, WIDTH - 2.0 * EDGE) {
            top += 19.0;
            self.words([EDGE, top - 5.0], Anchor::Start, TITLE, &line);
        }
        top
    }

    /// Notes from `top` on, as the title.
    pub fn notes<'n>(&mut self, notes: impl IntoIterator<Item = &'n String>, mut top: f64) -> f64 {
        for line in notes.into_iter().flat_map(|note| wrapped(note, NOTE.size, WIDTH - 2.0 * EDGE)) {
            top += 15.0;
            self.words([EDGE, top - 4.0], Anchor::Start, NOTE, &line);
        }
        top
    }

    /// Returns the picture that these elements draw on white.
    pub fn picture(self, title: &str, height: f64) -> String {
        let width = number(WIDTH);
        let height = number(height);
        let view = format!("0 0 {width} {height}");
        let mut svg = Svg::default();
        svg.open(
            "svg",
            &[
                ("xmlns", "http://www.w3.org/2000/svg"),
                ("width", &width),
                ("height", &height),
                ("viewBox", &view),
                ("font-family", FONT),
                ("fill", "none"),
                ("stroke-linejoin", "round"),
                ("role", "img"),
            ],
        );
        svg.titled(title);
        svg.element("rect", &[("width", &width), ("height", &height), ("fill", "#fff")]);
        svg.0 + &self.0 + "</svg>\n"
    }
}

/// Returns a number to a hundredth of a pixel, in the fewest characters.
pub(in crate::report) fn number(value: f64) -> String {
    // Adding 0 turns -0 into 0.
    let rounded = (value * 100.0).round() / 100.0 + 0.0;
    rounded.to_string()
}

/// Returns about how wide a text is in a sans-serif face, in pixels: readers have different ones, and DejaVu Sans is
/// one of the widest.
pub(in crate::report) fn width(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.26,
        'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '-' | ' ' | '/' => 0.33,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.86,
        c if c.is_uppercase() => 0.69,
        _ => 0.57,
    };
    1.12 * size * text.chars().map(em).sum::<f64>()
}

/// Returns a text in lines of at most `room` pixels.
pub(in crate::report) fn wrapped(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line, size) + width(word, size) + size * 0.33 <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
