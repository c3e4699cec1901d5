//! What a metric with a parameter is asked for with.

use crate::recipe::{MOST_CLASSES, class_label};

/// The parameter of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MetricParameter {
    /// The metric has no parameter.
    None,
    /// A fraction above 0 and up to 1, such as a target.
    Fraction,
    /// A class, from 0.
    Class,
    /// A number of classes, from 1.
    Classes,
}

impl MetricParameter {
    /// Returns the argument by which the metric is shown where the known ones are listed.
    pub const fn example(self) -> f64 {
        match self {
            MetricParameter::None => 0.0,
            MetricParameter::Fraction => 0.95,
            MetricParameter::Class | MetricParameter::Classes => 3.0,
        }
    }

    /// Reads an argument. Returns `None` if it is outside the range.
    pub fn read(self, text: &str) -> Option<f64> {
        let whole = || text.parse::<u32>().ok().map(f64::from);
        let classes = f64::from(MOST_CLASSES);
        match self {
            MetricParameter::None => None,
            MetricParameter::Fraction => text.parse().ok().filter(|value| 0.0 < *value && *value <= 1.0),
            MetricParameter::Class => whole().filter(|class| *class < classes),
            MetricParameter::Classes => whole().filter(|count| (1.0..=classes).contains(count)),
        }
    }

    /// Returns a regular expression of the arguments that [`read`](Self::read) takes.
    pub fn pattern(self) -> &'static str {
        match self {
            MetricParameter::None => "",
            MetricParameter::Fraction => r"(0*\.[0-9]*[1-9][0-9]*|0*1(\.0*)?|[0-9.]+e-[0-9]+)",
            MetricParameter::Class => "0*[0-9]{1,3}",
            MetricParameter::Classes => "0*([1-9][0-9]{0,2}|1000)",
        }
    }

    /// Returns the least number of classes that a dataset must have for an argument to make sense.
    pub fn classes(self, argument: f64) -> u32 {
        match self {
            MetricParameter::None | MetricParameter::Fraction => 0,
            MetricParameter::Class => argument as u32 + 1,
            MetricParameter::Classes => argument as u32,
        }
    }

    /// Returns what an argument must be.
    pub fn range(self) -> String {
        match self {
            MetricParameter::None => "nothing".to_owned(),
            MetricParameter::Fraction => "a fraction above 0 and at most 1".to_owned(),
            MetricParameter::Class => format!("a class from 0 to {}", MOST_CLASSES - 1),
            MetricParameter::Classes => format!("a number of classes from 1 to {MOST_CLASSES}"),
        }
    }

    /// Returns an argument as people read it: a fraction in percent, a class with its name if `names` has one for it.
    pub fn for_people(self, argument: f64, names: &[String]) -> String {
        match self {
            MetricParameter::Fraction => format!("{} %", (argument * 1e6).round() / 1e4),
            MetricParameter::Class => class_label(argument as usize, names),
            MetricParameter::None | MetricParameter::Classes => argument.to_string(),
        }
    }
}
