//! What the file of an optimizer says of it.

use crate::reader::TomlTable;
use crate::recipe::convention::Convention;
use crate::valid::Valid;

/// A kind of optimizer: its keys in a suite file and its state.
pub trait OptimizerKind: Sized {
    /// The word by which a suite file names it.
    const WORD: &'static str;

    /// Reads its keys; `convention` gives the constants that are left out. Every mistake is reported; `None` if there
    /// is one.
    fn read(table: &mut TomlTable<'_>, convention: Convention) -> Option<Self>;

    /// Returns the initial learning rate.
    fn lr(&self) -> f64;

    /// Returns the names of its state's slots, one tensor a weight each.
    fn slots(&self) -> &'static [&'static str];

    /// Checks the constants of an optimizer that comes from a record.
    ///
    /// # Errors
    /// Returns the first constant that no suite file can ask for.
    fn validate(&self) -> Valid;

    /// Returns the names of the probe's kernels that compute a step.
    fn kernels(&self) -> Vec<&'static str> {
        vec![Self::WORD]
    }
}
