//! What a metric with a parameter is asked for with.

/// The parameter of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    /// The metric has no parameter.
    None,
    /// A fraction above 0 and up to 1, such as a target.
    Fraction,
}

impl Parameter {
    /// Returns the argument by which the metric is shown where the known ones are listed.
    pub const fn example(self) -> f64 {
        match self {
            Parameter::None => 0.0,
            Parameter::Fraction => 0.95,
        }
    }

    /// Reads an argument. Returns `None` if it is outside the range.
    pub fn read(self, text: &str) -> Option<f64> {
        match self {
            Parameter::None => None,
            Parameter::Fraction => text.parse().ok().filter(|value| 0.0 < *value && *value <= 1.0),
        }
    }

    /// Returns what an argument must be.
    pub fn range(self) -> String {
        match self {
            Parameter::None => "nothing".to_owned(),
            Parameter::Fraction => "a fraction above 0 and at most 1".to_owned(),
        }
    }

    /// Returns an argument as people read it: a fraction in percent.
    pub fn for_people(self, argument: f64) -> String {
        match self {
            Parameter::Fraction => format!("{} %", (argument * 1e6).round() / 1e4),
            Parameter::None => argument.to_string(),
        }
    }
}
