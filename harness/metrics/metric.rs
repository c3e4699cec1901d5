//! What a metric is.

use super::parameter::MetricParameter;
use super::results::TrialResults;
use crate::event::Epoch;

/// A value that a trial yields: how it is spelled, what it is measured in and how it is computed.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    word: &'static str,
    heading: &'static str,
    unit: Unit,
    better: Better,
    needs_validation: bool,
    parameter: MetricParameter,
    argument: f64,
    source: ValueSource,
}

/// Computes the value of a metric with a parameter, such as a class.
type WithArgument = fn(&TrialResults<'_>, f64) -> Option<f64>;

/// What the value is computed from.
#[derive(Clone, Copy, Debug)]
enum ValueSource {
    /// Each epoch has a value; the trial's is the best of them.
    Epoch(fn(&Epoch) -> Option<f64>),
    Trial(fn(&TrialResults<'_>) -> Option<f64>),
    Argument(WithArgument),
}

/// What a metric is measured in. Metrics of one unit share an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A fraction from 0 to 1, such as an accuracy; people read it in percent.
    Fraction,
    /// The mean cross-entropy in nats.
    Loss,
    /// The number of an epoch.
    Epochs,
    /// The number of trainable parameters.
    Parameters,
    /// The wall time in seconds.
    Seconds,
    /// Training samples per second.
    SamplesPerSecond,
}

/// Which of two values is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The higher value is better.
    Higher,
    /// The lower value is better.
    Lower,
}

impl Metric {
    /// Returns a metric that `value` computes from a trial's results. Suites spell it `word`, and people read `heading`,
    /// which ends in the unit.
    pub(super) const fn new(
        word: &'static str,
        heading: &'static str,
        unit: Unit,
        better: Better,
        value: fn(&TrialResults<'_>) -> Option<f64>,
    ) -> Self {
        Metric::from(word, heading, unit, better, ValueSource::Trial(value))
    }

    /// Returns a metric that every epoch has a value of. A trial's value is the best of its epochs'.
    pub(super) const fn of_epochs(
        word: &'static str,
        heading: &'static str,
        unit: Unit,
        better: Better,
        value: fn(&Epoch) -> Option<f64>,
    ) -> Self {
        Metric::from(word, heading, unit, better, ValueSource::Epoch(value))
    }

    /// Returns a metric with a parameter, whose argument stands at `{}` in `word` and in `heading`.
    pub(super) const fn with_parameter(
        word: &'static str,
        heading: &'static str,
        unit: Unit,
        better: Better,
        parameter: MetricParameter,
        value: WithArgument,
    ) -> Self {
        let metric = Metric::from(word, heading, unit, better, ValueSource::Argument(value));
        Metric { parameter, argument: parameter.example(), ..metric }
    }

    const fn from(
        word: &'static str,
        heading: &'static str,
        unit: Unit,
        better: Better,
        source: ValueSource,
    ) -> Self {
        let parameter = MetricParameter::None;
        let argument = 0.0;
        Metric { word, heading, unit, better, needs_validation: false, parameter, argument, source }
    }

    /// Returns the same metric, marked as one that needs samples held out for validation.
    pub(super) const fn of_validation(self) -> Self {
        Metric { needs_validation: true, ..self }
    }

    /// Returns the metric as suites, the command line and records spell it, such as `epochs-to-0.95`.
    pub fn word(&self) -> String {
        self.word.replace("{}", &self.argument.to_string())
    }

    /// Returns the metric as people read it, with its unit, such as `test accuracy %`.
    pub fn heading(&self) -> String {
        self.heading_with(&[])
    }

    /// Returns what [`Metric::heading`] does, where a class that it asks for has its name besides its number. `names`
    /// are those of the dataset's classes, or empty.
    pub fn heading_with(&self, names: &[String]) -> String {
        self.heading.replace("{}", &self.parameter.for_people(self.argument, names))
    }

    /// Returns a regular expression of its spellings.
    pub(super) fn pattern(&self) -> String {
        format!("^{}$", self.word.replace("{}", self.parameter.pattern()))
    }

    /// Reads the metric as it is spelled with an argument. Returns `None` if `given` is no word of this metric.
    ///
    /// # Errors
    /// Fails with what to write if the argument is out of its range.
    pub(super) fn with_argument_of(&self, given: &str) -> Option<Result<Metric, String>> {
        let (before, after) = self.word.split_once("{}")?;
        let argument = given.strip_prefix(before)?.strip_suffix(after)?;
        Some(match self.parameter.read(argument) {
            Some(argument) => Ok(Metric { argument, ..*self }),
            None => Err(format!("write {}, as in `{}`", self.parameter.range(), self.word())),
        })
    }

    /// Returns the metric with the last number in `given` that it can have as its argument. A metric without a
    /// parameter, or of a text without such a number, is returned as it is.
    pub(super) fn with_number_in(&self, given: &str) -> Metric {
        let mut numbers = given.rsplit(|c: char| !c.is_ascii_digit() && c != '.');
        let argument = numbers.find_map(|number| self.parameter.read(number));
        Metric { argument: argument.unwrap_or(self.argument), ..*self }
    }

    /// Returns the least number of classes that a dataset must have for it to be measured.
    pub fn classes(&self) -> u32 {
        self.parameter.classes(self.argument)
    }

    /// Returns what it is measured in.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// Returns which of two of its values is better.
    pub fn better(&self) -> Better {
        self.better
    }

    /// Returns whether it is asked for with an argument, such as a class.
    pub fn has_parameter(&self) -> bool {
        !matches!(self.parameter, MetricParameter::None)
    }

    /// Returns whether samples must be held out for validation.
    pub fn needs_validation(&self) -> bool {
        self.needs_validation
    }

    /// Returns whether every epoch has a value of it.
    pub fn is_of_every_epoch(&self) -> bool {
        matches!(self.source, ValueSource::Epoch(_))
    }

    /// Returns the value of a trial: of a metric of every epoch the best. Returns `None` if the trial does not yield
    /// it. The value is infinite if the metric asks how soon a target was reached and it never was.
    pub fn value(&self, results: &TrialResults<'_>) -> Option<f64> {
        match self.source {
            ValueSource::Trial(value) => value(results),
            ValueSource::Argument(value) => value(results, self.argument),
            ValueSource::Epoch(value) => {
                let best = match self.better {
                    Better::Higher => f64::max,
                    Better::Lower => f64::min,
                };
                results.epochs.iter().filter_map(value).reduce(best)
            }
        }
    }

    /// Returns the value of an epoch. Returns `None` if epochs have none.
    pub fn of_epoch(&self, epoch: &Epoch) -> Option<f64> {
        match self.source {
            ValueSource::Epoch(value) => value(epoch),
            ValueSource::Trial(_) | ValueSource::Argument(_) => None,
        }
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Metric) -> bool {
        self.word == other.word && self.argument == other.argument
    }
}
