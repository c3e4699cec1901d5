//! A column of a table, and how its cells follow from values.

use std::borrow::Cow;

use super::cell::Cell;

/// What a column is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its name in csv and json.
    pub key: Cow<'static, str>,
    /// What stands above it for people; `None` if only csv and json have the column.
    pub shown: Option<Cow<'static, str>>,
}

/// A column of a table that has a row for each value of type `Row`. Files name the type of their columns, as in
/// `type CaseColumn = Column<'static, Case>`: then the compiler knows what each cell's function takes.
pub struct Column<'a, Row> {
    pub(super) heading: Heading,
    /// Whether the column names a row.
    pub(super) is_label: bool,
    pub(super) cell: CellOf<'a, Row>,
}

/// Returns a row's cell.
type CellOf<'a, Row> = Box<dyn Fn(&Row) -> Cell + 'a>;

impl<'a, Row> Column<'a, Row> {
    /// Returns a column with a key for programs and a heading for people.
    pub fn new(
        key: impl Into<Cow<'static, str>>,
        heading: impl Into<Cow<'static, str>>,
        cell: impl Fn(&Row) -> Cell + 'a,
    ) -> Self {
        let heading = Heading { key: key.into(), shown: Some(heading.into()) };
        Column { heading, is_label: false, cell: Box::new(cell) }
    }

    /// Returns a column that names a row: where a terminal is too narrow for all columns, it is repeated beside each
    /// part of them. Such columns come before the others that people see.
    pub fn label(
        key: impl Into<Cow<'static, str>>,
        heading: impl Into<Cow<'static, str>>,
        cell: impl Fn(&Row) -> Cell + 'a,
    ) -> Self {
        Column { is_label: true, ..Column::new(key, heading, cell) }
    }

    /// Returns a column that has one name for programs and people.
    pub fn called(name: impl Into<Cow<'static, str>>, cell: impl Fn(&Row) -> Cell + 'a) -> Self {
        let name = name.into();
        Column::new(name.clone(), name, cell)
    }

    /// Returns a column that programs alone read.
    pub fn detail(key: impl Into<Cow<'static, str>>, cell: impl Fn(&Row) -> Cell + 'a) -> Self {
        let heading = Heading { key: key.into(), shown: None };
        Column { heading, is_label: false, cell: Box::new(cell) }
    }

    /// Returns the column as one that programs alone read, unless `is_shown`.
    pub fn shown_if(mut self, is_shown: bool) -> Self {
        if !is_shown {
            self.heading.shown = None;
        }
        self
    }
}
