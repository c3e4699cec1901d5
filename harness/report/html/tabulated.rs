//! Tables as HTML, which a script can sort and filter.

use std::fmt::Write;

use super::drawn::Short;
use super::prose::prose;
use crate::escape::xml;
use crate::report::table::{Cell, FullValue, Heading, Table};

/// Returns the HTML content of a cell by its row and the key of its column; `None` where its text is enough.
pub(super) type CellContent<'a> = &'a dyn Fn(usize, &str) -> Option<String>;

/// Writes a table. Columns that people do not see elsewhere are hidden until the reader asks for them.
pub(super) fn tabulated(body: &mut String, number: usize, table: &Table, content: CellContent) {
    let id = format!("t{number}");
    let title = xml::content(&table.title);
    let places = |is_of: &dyn Fn(usize, &Heading) -> bool| {
        let columns = table.columns.iter().enumerate();
        let found = columns.filter(|(place, heading)| is_of(*place, heading));
        found.map(|(place, _)| format!("#{id} tr>:nth-child({})", place + 1)).collect::<Vec<_>>().join(",")
    };
    let is_number = |place: usize| {
        let mut cells = table.rows.iter().filter_map(|row| row.get(place)).peekable();
        let is_text = |cell: &Cell| matches!(cell, Cell::Text(_));
        cells.peek().is_some() && !cells.any(is_text)
    };
    let hidden = places(&|_, heading| heading.shown.is_none());
    let numbers = places(&|place, _| is_number(place));
    let mut rules = String::new();
    for (columns, rule) in [(numbers, "text-align:right"), (hidden, "display:none")] {
        if !columns.is_empty() {
            rules += &format!("{columns}{{{rule}}}");
        }
    }
    let _ = writeln!(
        body,
        "<div class=\"table\" id=\"{id}\">\n<h3>{title}</h3>\n<style>{rules}</style>\n<div class=\"scroll\" \
         tabindex=\"0\" role=\"region\" aria-label=\"{}\">\n<table>\n<thead>\n<tr>",
        xml::attribute(&table.title)
    );
    for (place, heading) in table.columns.iter().enumerate() {
        let name = name_of(table, place, heading);
        let kind = if is_number(place) { "number" } else { "text" };
        let hidden = if heading.shown.is_none() { " data-hidden=\"\"" } else { "" };
        let _ = write!(
            body,
            "<th scope=\"col\" data-key=\"{}\" data-kind=\"{kind}\"{hidden}>{}</th>",
            xml::attribute(&heading.key),
            xml::content(&name)
        );
    }
    *body += "</tr>\n</thead>\n<tbody>\n";
    let naming = naming_column(table);
    for (row, cells) in table.rows.iter().enumerate() {
        *body += "<tr>";
        for (place, (cell, heading)) in cells.iter().zip(&table.columns).enumerate() {
            let given = content(row, &heading.key);
            write_cell(body, cell, &heading.key, given, place == naming);
        }
        *body += "</tr>\n";
    }
    *body += "</tbody>\n</table>\n</div>\n";
    let notes: String = table.notes.iter().map(|note| format!("<li>{}</li>\n", prose(note))).collect();
    if !notes.is_empty() {
        let _ = writeln!(body, "<ul class=\"notes\">\n{notes}</ul>");
    }
    *body += "</div>\n";
}

/// Returns what a column is called. Columns that stand side by side elsewhere are called alike, as in `loss` and `run`; here
/// they can be moved apart, so the second has the name of the first before its own.
fn name_of(table: &Table, place: usize, heading: &Heading) -> String {
    let Some(shown) = &heading.shown else { return heading.key.replace('_', " ") };
    let is_alone = table.columns.iter().filter(|other| other.shown == heading.shown).count() == 1;
    let before = table.columns.iter().take(place).rev().find_map(|other| other.shown.as_ref());
    match before {
        Some(before) if !is_alone => format!("{before}, {shown}"),
        _ => shown.to_string(),
    }
}

/// Returns the place of the column that names a row best: the last of its labels.
fn naming_column(table: &Table) -> usize {
    let shown = table.columns.iter().enumerate().filter(|(_, heading)| heading.shown.is_some());
    shown.take(table.labels.max(1)).last().map_or(0, |(place, _)| place)
}

fn write_cell(body: &mut String, cell: &Cell, key: &str, given: Option<String>, names_row: bool) {
    let tag = if names_row { "th" } else { "td" };
    let scope = if names_row { " scope=\"row\"" } else { "" };
    let value = match (cell, cell.for_programs()) {
        (Cell::Text(_) | Cell::Count(_), _) => None,
        (_, FullValue::Whole(value)) => Short(value as f64).text(),
        (_, FullValue::Real(value)) => Short(value).text(),
        _ => None,
    };
    let value = value.map(|value| format!(" data-v=\"{value}\"")).unwrap_or_default();
    let text = xml::content(&cell.for_people());
    let content = given.unwrap_or_else(|| match cell {
        Cell::Text(word) if is_verdict(key) && !word.is_empty() => {
            let class: String =
                word.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            format!("<span class=\"v v-{class}\">{text}</span>")
        }
        _ => text,
    });
    let _ = write!(body, "<{tag}{scope}{value}>{content}</{tag}>");
}

fn is_verdict(key: &str) -> bool {
    key.ends_with("verdict") || ["outcome", "status"].contains(&key)
}
