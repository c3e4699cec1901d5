//! A table, and its four forms: text and markdown for people, csv and json for programs.

use std::borrow::Cow;
use std::io::IsTerminal;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle};
use rustix::termios::tcgetwinsize;
use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};
use textwrap::{Options, WordSplitter};

use super::units;
use crate::escape::{csv, json, markdown, terminal};

/// A table of results.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// What it shows.
    pub title: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// How many of the columns that people see name a row: where a terminal is too narrow, the other
    /// columns go below each other, each part beginning with these.
    pub labels: usize,
    /// Row after row, each with one cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// What must be known to read it rightly.
    pub notes: Vec<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in csv and json.
    pub key: Cow<'static, str>,
    /// Its heading for people; none where only csv and json have it.
    pub heading: Option<Cow<'static, str>>,
}

impl Column {
    /// In every form.
    pub const fn new(key: &'static str, heading: &'static str) -> Self {
        Column { key: Cow::Borrowed(key), heading: Some(Cow::Borrowed(heading)) }
    }

    /// In every form, named after a value.
    pub fn of(value: f64) -> Self {
        Column::called(value.to_string())
    }

    /// In every form, under one name.
    pub fn called(name: impl Into<String>) -> Self {
        let name = name.into();
        Column { key: Cow::Owned(name.clone()), heading: Some(Cow::Owned(name)) }
    }

    /// In csv and json only.
    pub const fn detail(key: &'static str) -> Self {
        Column { key: Cow::Borrowed(key), heading: None }
    }
}

/// A value, and how people read it; csv and json hold it in full.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing known.
    Missing,
    /// Words, at the left.
    Text(String),
    /// A whole number.
    Count(u64),
    /// A number with so many decimals.
    Number(f64, usize),
    /// A fraction, read in percent with so many decimals.
    Percent(f64, usize),
    /// A mean of fractions and their standard deviation, read in percent with so many decimals; csv and
    /// json hold the mean alone.
    Spread(f64, Option<f64>, usize),
    /// A change as a fraction, read in percent with its sign and so many decimals.
    Change(f64, usize),
    /// A time in seconds.
    Seconds(f64),
    /// An amount of memory in bytes.
    Bytes(u64),
}

impl Cell {
    /// The value that `cell` makes a cell of, where there is one.
    pub fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell) -> Cell {
        value.map_or(Cell::Missing, cell)
    }

    /// As people read it.
    pub(super) fn for_people(&self) -> String {
        match self {
            Cell::Missing => "-".to_owned(),
            Cell::Text(text) => text.clone(),
            Cell::Count(value) => units::count(*value),
            Cell::Number(value, 0) if value.is_finite() => units::whole(*value),
            Cell::Number(value, digits) => format!("{value:.digits$}"),
            Cell::Percent(value, digits) => format!("{:.digits$}", value * 100.0),
            Cell::Spread(mean, None, digits) => format!("{:.digits$}", mean * 100.0),
            Cell::Spread(mean, Some(deviation), digits) => {
                format!("{:.digits$} ± {:.digits$}", mean * 100.0, deviation * 100.0)
            }
            Cell::Change(value, digits) => format!("{:+.digits$}", value * 100.0),
            Cell::Seconds(value) => units::seconds(*value),
            Cell::Bytes(value) => units::bytes(*value),
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Cell::Missing => serializer.serialize_none(),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Count(value) | Cell::Bytes(value) => serializer.serialize_u64(*value),
            Cell::Number(value, _)
            | Cell::Percent(value, _)
            | Cell::Spread(value, _, _)
            | Cell::Change(value, _)
            | Cell::Seconds(value) => serializer.serialize_f64(*value),
        }
    }
}

/// How tables are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned, for a terminal.
    Text,
    /// For a README.
    Markdown,
    /// Comma-separated, quoted as in RFC 4180, with full values.
    Csv,
    /// An array of tables, with full values.
    Json,
}

/// The width in columns of the terminal that stdout is, if it is one: what `COLUMNS` says, else the terminal
/// itself, else 80.
pub fn terminal_width() -> Option<u16> {
    let stdout = std::io::stdout();
    let set = || std::env::var("COLUMNS").ok()?.parse().ok();
    let is_known = |width: &u16| *width > 0;
    stdout.is_terminal().then(|| {
        let told = || tcgetwinsize(&stdout).ok().map(|size| size.ws_col).filter(is_known);
        set().filter(is_known).or_else(told).unwrap_or(80)
    })
}

/// All tables in one form, ending in a line feed. `width` is the terminal's, for text. Tables in
/// one csv share the columns of the first.
pub fn render(tables: &[Table], format: Format, width: Option<u16>) -> String {
    let each = |form: &dyn Fn(&Table) -> String| tables.iter().map(form).collect::<Vec<_>>().join("\n");
    match format {
        Format::Text => each(&|table| in_text(table, width)),
        Format::Markdown => each(&in_markdown),
        Format::Csv => in_csv(tables),
        Format::Json => {
            // Keys are strings and floats that are not finite become null: it cannot fail.
            json::text(&format!("{}\n", serde_json::to_string_pretty(tables).unwrap_or_default()))
        }
    }
}

/// A column that people see.
struct Shown {
    heading: String,
    /// Whether no words stand in it.
    numbers: bool,
    cells: Vec<String>,
}

impl Shown {
    fn width(&self) -> usize {
        let widths = self.cells.iter().map(|cell| cell.chars().count());
        widths.fold(self.heading.chars().count(), usize::max) + GAP
    }
}

/// The columns that people see, each text made `safe`.
fn shown(table: &Table, safe: fn(&str) -> String) -> Vec<Shown> {
    let column = |(index, column): (usize, &Column)| {
        let cells: Vec<&Cell> = table.rows.iter().filter_map(|row| row.get(index)).collect();
        let numbers = !cells.iter().any(|cell| matches!(cell, Cell::Text(_)));
        let cells = cells.into_iter().map(|cell| safe(&cell.for_people())).collect();
        Some(Shown { heading: safe(column.heading.as_deref()?), numbers, cells })
    };
    table.columns.iter().enumerate().filter_map(column).collect()
}

/// Between columns.
const GAP: usize = 2;

fn in_text(table: &Table, width: Option<u16>) -> String {
    let columns = shown(table, terminal::line);
    let (labels, values) = columns.split_at(table.labels.min(columns.len()));
    let available = usize::from(width.unwrap_or(u16::MAX));
    let taken: usize = labels.iter().map(Shown::width).sum();
    let mut parts: Vec<Vec<&Shown>> = vec![labels.iter().collect()];
    let mut used = taken;
    for column in values {
        if let Some(part) =
            parts.last_mut().filter(|part| used + column.width() <= available || part.len() == labels.len())
        {
            part.push(column);
        } else {
            used = taken;
            parts.push(labels.iter().chain([column]).collect());
        }
        used += column.width();
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

fn draw(columns: &[&Shown], rows: usize, width: Option<u16>) -> String {
    let style = UTF8_HORIZONTAL_ONLY
        .top_border(LineStyle::none())
        .header_separator(LineStyle::none().fill('─').junction('─'))
        .row_separator(LineStyle::none())
        .bottom_border(LineStyle::none());
    let mut drawn = comfy_table::Table::new();
    drawn.load_style(style).force_no_tty();
    drawn.set_header(columns.iter().map(|column| &column.heading).collect::<Vec<_>>());
    for row in 0..rows {
        drawn.add_row(columns.iter().filter_map(|column| column.cells.get(row)).collect::<Vec<_>>());
    }
    for (drawn, column) in drawn.column_iter_mut().zip(columns) {
        drawn.set_padding((0, 1));
        drawn.set_cell_alignment(if column.numbers { CellAlignment::Right } else { CellAlignment::Left });
    }
    if let Some(width) = width {
        drawn.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    drawn.trim_fmt()
}

fn in_markdown(table: &Table) -> String {
    let columns = shown(table, markdown::words);
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = format!("{}\n\n", markdown::bold(&table.title));
    text += &line(columns.iter().map(|column| column.heading.as_str()).collect());
    text += &line(columns.iter().map(|column| if column.numbers { "---:" } else { ":---" }).collect());
    for row in 0..table.rows.len() {
        text +=
            &line(columns.iter().filter_map(|column| column.cells.get(row)).map(String::as_str).collect());
    }
    for (index, note) in table.notes.iter().enumerate() {
        text += &format!("{}- {}\n", if index == 0 { "\n" } else { "" }, markdown::line(note));
    }
    text
}

fn in_csv(tables: &[Table]) -> String {
    let Some(first) = tables.first() else { return String::new() };
    let keys = first.columns.iter().map(|column| csv::field(&column.key));
    let mut lines = vec![keys.collect::<Vec<_>>().join(",")];
    for row in tables.iter().flat_map(|table| &table.rows) {
        let cell = |cell: &Cell| match cell {
            Cell::Missing => String::new(),
            Cell::Text(text) => csv::field(text),
            Cell::Count(value) | Cell::Bytes(value) => value.to_string(),
            Cell::Number(value, _)
            | Cell::Percent(value, _)
            | Cell::Spread(value, _, _)
            | Cell::Change(value, _)
            | Cell::Seconds(value) => value.to_string(),
        };
        lines.push(row.iter().map(cell).collect::<Vec<_>>().join(","));
    }
    lines.join("\n") + "\n"
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Row<'a>(&'a [Column], &'a [Cell]);
        impl Serialize for Row<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(Some(self.0.len()))?;
                for (column, cell) in self.0.iter().zip(self.1) {
                    map.serialize_entry(&column.key, cell)?;
                }
                map.end()
            }
        }
        let rows: Vec<Row> = self.rows.iter().map(|row| Row(&self.columns, row)).collect();
        let mut whole = serializer.serialize_struct("Table", 3)?;
        whole.serialize_field("title", &self.title)?;
        whole.serialize_field("rows", &rows)?;
        whole.serialize_field("notes", &self.notes)?;
        whole.end()
    }
}
