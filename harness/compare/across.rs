//! Which differences forbid a comparison, and which are what it is about.

use globset::{Error, Glob, GlobSet, GlobSetBuilder};

use super::field::Field;

/// The fields whose change is under test.
#[derive(Clone, Debug, Default)]
pub struct Across {
    names: Vec<String>,
    globs: GlobSet,
}

impl Across {
    /// Returns the fields with these names, or that these globs mean, such as `training.optimizer.*`.
    ///
    /// # Errors
    /// Returns an error if a pattern is no glob.
    pub fn new(patterns: &[String]) -> Result<Self, Error> {
        let mut globs = GlobSetBuilder::new();
        for pattern in patterns {
            globs.add(Glob::new(pattern)?);
        }
        // `layers[0].units` is a name, though as a glob its brackets hold a choice of characters.
        Ok(Across { names: patterns.to_vec(), globs: globs.build()? })
    }

    /// Returns whether a field's change is under test.
    pub fn covers(&self, field: &str) -> bool {
        self.names.iter().any(|name| name == field) || self.globs.is_match(field)
    }

    /// Returns the fields that differ: those that forbid the comparison, and those that it is about.
    pub(super) fn part(&self, mut fields: Vec<Field>) -> (Vec<Field>, Vec<Field>) {
        fields.retain(Field::differs);
        fields.into_iter().partition(|field| !self.covers(&field.name))
    }
}
