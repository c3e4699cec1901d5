//! The labels of a table, as texts or as numbers.

use std::collections::BTreeMap;

use super::row_reader::shown;
use crate::recipe::MOST_CLASSES;

/// No label has more bytes.
const LONGEST_LABEL: usize = 256;

/// The labels of all rows, each text of which is held once.
#[derive(Default)]
pub(super) struct Labels {
    texts: BTreeMap<String, u16>,
    /// Which of the texts each row has.
    of_rows: Vec<u16>,
}

impl Labels {
    /// Returns the number of rows.
    pub(super) fn count(&self) -> u64 {
        self.of_rows.len() as u64
    }

    /// Returns each text once, in alphabetical order.
    pub(super) fn texts(&self) -> impl Iterator<Item = &String> {
        self.texts.keys()
    }

    /// Adds the label of the next row. Returns whether there is room for it.
    pub(super) fn add(&mut self, label: &str) -> bool {
        let known = self.texts.get(label).copied();
        let place = known.unwrap_or(self.texts.len() as u16);
        if known.is_none() {
            if self.texts.len() == MOST_CLASSES as usize {
                return false;
            }
            self.texts.insert(label.to_owned(), place);
        }
        self.of_rows.push(place);
        true
    }

    /// Returns the class of each row.
    ///
    /// # Errors
    /// Returns the first row whose label is none, and that label.
    pub(super) fn classes(self, class: impl Fn(&str) -> Option<u16>) -> Result<Vec<u16>, (usize, String)> {
        let mut classes = vec![None; self.texts.len()];
        self.texts.iter().for_each(|(label, place)| classes[usize::from(*place)] = class(label));
        let wrong =
            self.of_rows.iter().enumerate().find(|(_, place)| classes[usize::from(**place)].is_none());
        if let Some((sample, place)) = wrong {
            let label = self.texts.iter().find(|(_, other)| *other == place);
            return Err((sample, label.map(|(label, _)| label.clone()).unwrap_or_default()));
        }
        Ok(self.of_rows.into_iter().filter_map(|place| classes[usize::from(place)]).collect())
    }
}

/// Checks that a cell is a label.
///
/// # Errors
/// Returns what is wrong with it.
pub(super) fn check(cell: &str) -> Result<(), String> {
    if cell.is_empty() {
        return Err("no label; give one, or remove the row".to_owned());
    }
    if cell.len() > LONGEST_LABEL {
        return Err(format!("label `{}` has more than {LONGEST_LABEL} bytes; shorten it", shown(cell)));
    }
    if cell.parse::<f64>().is_ok() && cell.parse::<u16>().is_err() {
        return Err(format!("label `{}` is no class; number them from 0, as whole numbers", shown(cell)));
    }
    Ok(())
}
