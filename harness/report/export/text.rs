//! Aligned text, for a terminal.

use std::io::IsTerminal;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle};
use rustix::termios::tcgetwinsize;
use textwrap::{Options, WordSplitter};

use super::format::{FindingsFormat, TableFormat};
use super::people::{VisibleColumn, join, visible};
use crate::escape::terminal;
use crate::report::table::Table;

const NAME: &str = "text";
const ABOUT: &str = "Aligned, for a terminal";

pub(super) const TABLES: TableFormat = TableFormat {
    name: NAME,
    about: ABOUT,
    for_people: true,
    write: |tables, width| join(tables, |table| of_table(table, width)),
};

pub(super) const FINDINGS: FindingsFormat = FindingsFormat {
    name: NAME,
    about: ABOUT,
    for_people: true,
    write: |judged, width| (TABLES.write)(&judged.tables(), width),
};

/// Returns the width in columns of the terminal that stdout is: what `COLUMNS` says, else what the terminal itself
/// says, else 80. Returns `None` if stdout is no terminal.
pub fn terminal_width() -> Option<u16> {
    let stdout = std::io::stdout();
    let set = || std::env::var("COLUMNS").ok()?.parse().ok();
    let is_known = |width: &u16| *width > 0;
    stdout.is_terminal().then(|| {
        let told = || tcgetwinsize(&stdout).ok().map(|size| size.ws_col).filter(is_known);
        set().filter(is_known).or_else(told).unwrap_or(80)
    })
}

/// The number of spaces between columns.
const GAP: usize = 2;

fn width_of(column: &VisibleColumn) -> usize {
    let widths = column.cells.iter().map(|cell| cell.chars().count());
    widths.fold(column.heading.chars().count(), usize::max) + GAP
}

fn of_table(table: &Table, width: Option<u16>) -> String {
    let columns = visible(table, terminal::line);
    let (labels, values) = columns.split_at(table.labels.min(columns.len()));
    let available = usize::from(width.unwrap_or(u16::MAX));
    let taken: usize = labels.iter().map(width_of).sum();
    let mut parts: Vec<Vec<&VisibleColumn>> = vec![labels.iter().collect()];
    let mut used = taken;
    for column in values {
        if let Some(part) =
            parts.last_mut().filter(|part| used + width_of(column) <= available || part.len() == labels.len())
        {
            part.push(column);
        } else {
            used = taken;
            parts.push(labels.iter().chain([column]).collect());
        }
        used += width_of(column);
    }
    let drawn: Vec<String> = parts.iter().map(|part| draw(part, table.rows.len(), width)).collect();
    let mut text =
        format!("{}\n\n{}\n", wrapped(&terminal::line(&table.title), "", available), drawn.join("\n\n"));
    for note in &table.notes {
        text.push_str(&format!("{}\n", wrapped(&terminal::line(note), "  ", available)));
    }
    text
}

/// Broken between words into lines of this width, the first indented by `indent` and the others by twice that. A
/// word that is wider alone (a path, a command) stays whole, so that it can be copied.
fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let further = indent.repeat(2);
    let options = Options::new(width).initial_indent(indent).subsequent_indent(&further).break_words(false);
    textwrap::fill(text, options.word_splitter(WordSplitter::NoHyphenation))
}

fn draw(columns: &[&VisibleColumn], rows: usize, width: Option<u16>) -> String {
    let style = UTF8_HORIZONTAL_ONLY
        .top_border(LineStyle::none())
        .header_separator(LineStyle::none().fill('─').junction('─'))
        .row_separator(LineStyle::none())
        .bottom_border(LineStyle::none());
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(style);
    drawn.set_header(columns.iter().map(|column| &column.heading).collect::<Vec<_>>());
    for row in 0..rows {
        drawn.add_row(columns.iter().filter_map(|column| column.cells.get(row)).collect::<Vec<_>>());
    }
    for (drawn, column) in drawn.column_iter_mut().zip(columns) {
        drawn.set_padding((0, 1));
        drawn.set_cell_alignment(if column.is_numeric { CellAlignment::Right } else { CellAlignment::Left });
    }
    if let Some(width) = width {
        drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    drawn.trim_fmt()
}
