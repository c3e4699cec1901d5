//! What a format of exported files is.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::compare::{CaseFinding, SuiteChanges, Terms};
use crate::report::diff::diff;
use crate::report::table::Table;

/// A format in which results of type `T` are written, chosen on the command line by its name.
pub struct ExportFormat<T: ?Sized> {
    /// Its name on the command line.
    pub name: &'static str,
    /// What `--help` says about it.
    pub about: &'static str,
    /// Whether people read it; programs get more rows and columns.
    pub for_people: bool,
    /// Returns the results as text that ends in a line feed. The number is the terminal's width in columns; `None` if
    /// the text does not go to a terminal.
    pub write: fn(&T, Option<u16>) -> String,
}

/// A format of tables.
pub type TableFormat = ExportFormat<[Table]>;

/// A format of what a comparison with a baseline found.
pub type FindingsFormat = ExportFormat<Judged>;

/// Findings, and which of them fail.
pub struct Judged {
    /// What was found of each case.
    pub findings: Vec<CaseFinding>,
    /// What changed in each suite besides results.
    pub changes: Vec<SuiteChanges>,
    /// On what terms the cases were compared.
    pub terms: Terms,
    /// Which of them fail.
    pub fails: FailurePolicy,
}

/// Returns whether the `accuracy` or `throughput` of a case fails.
pub type FailurePolicy = Box<dyn Fn(&str, &CaseFinding) -> bool>;

impl Judged {
    /// Returns the findings as tables.
    pub fn tables(&self) -> Vec<Table> {
        diff(&self.findings, &self.changes, &self.terms)
    }
}

/// Results that have export formats.
pub trait Exported: 'static {
    /// The formats, in the order in which `--help` lists them.
    const FORMATS: &'static [ExportFormat<Self>];
}

impl<T: Exported + ?Sized> ValueEnum for ExportFormat<T> {
    fn value_variants<'a>() -> &'a [Self] {
        T::FORMATS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name).help(self.about))
    }
}

impl<T: ?Sized> Clone for ExportFormat<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for ExportFormat<T> {}

impl<T: ?Sized> PartialEq for ExportFormat<T> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<T: ?Sized> std::fmt::Debug for ExportFormat<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}
