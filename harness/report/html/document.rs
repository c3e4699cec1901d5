//! The HTML document: its frame, its sections and their headings.

use std::fmt::Write;

use super::drawn::DrawnFigure;
use super::prose::prose;
use super::tabulated::{CellContent, tabulated};
use crate::escape::{json, xml};
use crate::report::table::Table;

/// What tells a report from other files; a line near its beginning.
const MARK: &str = "<meta name=\"generator\" content=\"tchbench report\"/>";

/// Forbids every request: what is shown lies in the file.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// Returns whether a file's text is a report that was made here.
pub fn is_report(text: &str) -> bool {
    text.lines().take(8).any(|line| line == MARK)
}

/// A report in the making. All texts are escaped here, unless a function says otherwise.
#[derive(Default)]
pub(super) struct Document {
    body: String,
    /// The places of the sections and their headings.
    contents: Vec<(String, String)>,
    in_section: bool,
    tables: usize,
    figures: usize,
}

impl Document {
    /// Ends the section before, if any, and begins another.
    pub fn section(&mut self, id: &str, heading: &str) {
        self.begin(id, heading, heading, "");
    }

    /// Begins the section of a verdict: `good`, `bad`, or `open` where not all is told.
    pub fn verdict(&mut self, heading: &str, class: &str) {
        self.begin("verdict", "Verdict", heading, class);
    }

    fn begin(&mut self, id: &str, name: &str, heading: &str, class: &str) {
        if self.in_section {
            self.body += "</section>\n";
        }
        self.in_section = true;
        let taken = self.contents.iter().filter(|(other, _)| other.split('.').next() == Some(id)).count();
        let id = if taken == 0 { id.to_owned() } else { format!("{id}.{}", taken + 1) };
        let heading_text = xml::content(heading);
        let _ = writeln!(
            self.body,
            "<section id=\"{id}\" class=\"{class}\" aria-labelledby=\"{id}-h\">\n<h2 id=\"{id}-h\">{heading_text}</h2>"
        );
        self.contents.push((id, name.to_owned()));
    }

    pub fn subheading(&mut self, heading: &str) {
        let _ = writeln!(self.body, "<h3>{}</h3>", xml::content(heading));
    }

    pub fn paragraph(&mut self, text: &str) {
        let _ = writeln!(self.body, "<p>{}</p>", prose(text));
    }

    /// A list of texts; nothing where there are none.
    pub fn list(&mut self, class: &str, items: impl IntoIterator<Item = impl AsRef<str>>) {
        let items: String =
            items.into_iter().map(|item| format!("<li>{}</li>\n", prose(item.as_ref()))).collect();
        if !items.is_empty() {
            let _ = writeln!(self.body, "<ul class=\"{class}\">\n{items}</ul>");
        }
    }

    /// A list of names with what there is to say of each.
    pub fn definitions(&mut self, items: &[(&str, Vec<String>)]) {
        self.body += "<dl>\n";
        for (name, texts) in items {
            let texts: String = texts.iter().map(|text| format!("<dd>{}</dd>", prose(text))).collect();
            let _ = writeln!(self.body, "<dt>{}</dt>{texts}", xml::content(name));
        }
        self.body += "</dl>\n";
    }

    pub fn table(&mut self, table: &Table) {
        self.table_with(table, &|_, _| None);
    }

    /// A table, of which some cells have an HTML content that is escaped already.
    pub fn table_with(&mut self, table: &Table, content: CellContent) {
        self.tables += 1;
        tabulated(&mut self.body, self.tables, table, content);
    }

    pub fn figure(&mut self, figure: &DrawnFigure) {
        if figure.is_empty() {
            return;
        }
        self.figures += 1;
        let title = xml::content(&figure.title);
        // Keys are strings and floats that are not finite become null: it cannot fail.
        let data = json::script(&serde_json::to_string(figure).unwrap_or_default());
        let _ = writeln!(
            self.body,
            "<figure class=\"chart\" id=\"f{}\">\n<figcaption><h3>{title}</h3></figcaption>\n<script \
             type=\"application/json\">{data}</script>\n<noscript><p>This chart is drawn by a script.</p></noscript>",
            self.figures,
        );
        self.list("notes", &figure.notes);
        self.body += "</figure>\n";
    }

    /// An SVG picture of our own, whose texts are escaped already.
    pub fn picture(&mut self, title: &str, svg: &str) {
        let _ = writeln!(
            self.body,
            "<figure class=\"picture\"><figcaption><h3>{}</h3></figcaption>\n{svg}</figure>",
            xml::content(title)
        );
    }

    /// Something that can be opened, with this content, which is HTML.
    pub fn details(&mut self, id: &str, summary: &str, content: &str) {
        let summary = xml::content(summary);
        let _ = writeln!(
            self.body,
            "<details id=\"{}\"><summary>{summary}</summary>\n{content}\n</details>",
            xml::attribute(id)
        );
    }

    /// Returns the whole file.
    pub fn finish(mut self, title: &str) -> String {
        if self.in_section {
            self.body += "</section>\n";
        }
        let title = xml::content(title);
        let link =
            |(id, heading): &(String, String)| format!("<a href=\"#{id}\">{}</a>\n", xml::content(heading));
        let contents: String = self.contents.iter().map(link).collect();
        let body = &self.body;
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n{MARK}\n<meta \
             name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta \
             http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
             </head>\n<body>\n<header>\n<p class=\"title\">{title}</p>\n<button id=\"theme\" type=\"button\" \
             hidden=\"hidden\">theme</button>\n</header>\n<nav aria-label=\"contents\">\n{contents}</nav>\n<main>\n{body}</main>\n\
             <script>\n{SCRIPT}</script>\n</body>\n</html>\n"
        )
    }
}

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = concat!(
    include_str!("page.js"),
    include_str!("table.js"),
    include_str!("axis.js"),
    include_str!("marks.js"),
    include_str!("chart.js")
);
