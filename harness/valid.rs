//! What values a file can hold, told from nonsense.
//!
//! A digest shows that a file is as it was sealed, not that its content makes sense: whoever edits a file can seal it
//! anew. So whatever is read is validated before it is believed, and what a worker says before it is recorded.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// A value that nothing this program does can leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {reason}")]
pub struct Invalid {
    /// Where it stands, as in `epochs[2].train.accuracy`.
    field: String,
    /// The value, and what it should be.
    reason: String,
}

/// Nothing, or the first value that cannot be.
pub type Valid = Result<(), Invalid>;

/// Content whose values can be told from nonsense.
pub trait Validate {
    /// Checks every value that has a range or depends on another.
    ///
    /// # Errors
    /// The first that nothing this program does can leave.
    fn validate(&self) -> Valid;
}

impl Invalid {
    /// Returns the fault of a field. `reason` goes on from the field's name: `is 7, but ...`.
    pub fn new(field: impl Display, reason: impl Display) -> Self {
        Invalid { field: field.to_string(), reason: reason.to_string() }
    }

    /// Returns the same fault, seen from the field that its field is in.
    pub fn inside(self, outer: impl Display) -> Self {
        Invalid { field: format!("{outer}.{}", self.field), ..self }
    }
}

/// Says why a field cannot be so, unless it `holds`.
pub fn ensure(holds: bool, field: impl Display, reason: impl Display) -> Valid {
    if holds { Ok(()) } else { Err(Invalid::new(field, reason)) }
}

/// Checks that a number is between two others, which NaN is not.
pub fn between(field: impl Display, value: f64, range: RangeInclusive<f64>) -> Valid {
    let least = range.start();
    let most = range.end();
    ensure(range.contains(&value), field, format_args!("is {value}, which is not from {least} to {most}"))
}

/// Checks that a value is an accuracy, a probability or another part of a whole.
pub fn fraction(field: impl Display, value: f64) -> Valid {
    between(field, value, 0.0..=1.0)
}

/// Checks that a value is a time in seconds; three centuries are beyond any training.
pub fn seconds(field: impl Display, value: f64) -> Valid {
    between(field, value, 0.0..=1e10)
}

/// Checks that a value is a finite number of at least 0.
pub fn not_negative(field: impl Display, value: f64) -> Valid {
    ensure(value.is_finite() && value >= 0.0, field, format_args!("is {value}, which is no number from 0 on"))
}

/// Checks that a value is a finite number above 0.
pub fn positive(field: impl Display, value: f64) -> Valid {
    ensure(value.is_finite() && value > 0.0, field, format_args!("is {value}, which is no number above 0"))
}

/// Checks that a text is a digest or the beginning of one.
pub fn hexadecimal(field: impl Display, value: &str) -> Valid {
    let is_digit = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    let holds = (1..=64).contains(&value.len()) && value.chars().all(is_digit);
    ensure(holds, field, format_args!("is {value:?}, which is no digest"))
}

/// Validates every item of a list.
pub fn each<T>(field: &str, items: &[T], valid: impl Fn(&T) -> Valid) -> Valid {
    let at = |(index, item): (usize, &T)| valid(item).map_err(|why| why.inside(format!("{field}[{index}]")));
    items.iter().enumerate().try_for_each(at)
}

/// Items that are told apart by a key, which none shares with another.
pub fn each_once<T, K: Ord + Display>(field: &str, items: &[T], key: impl Fn(&T) -> K) -> Valid {
    let mut known = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let name = key(item).to_string();
        let is_new = known.insert(key(item));
        ensure(
            is_new,
            format_args!("{field}[{index}]"),
            format_args!("is {name}, which stands there twice"),
        )?;
    }
    Ok(())
}

/// A rule of the whole file applied to one field of it.
pub trait Inside {
    /// The same, seen from the field that its field is in.
    fn inside(self, outer: impl Display) -> Self;
}

impl Inside for Valid {
    fn inside(self, outer: impl Display) -> Self {
        self.map_err(|why| why.inside(outer))
    }
}
