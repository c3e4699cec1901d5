//! How a suite's results are shown on the page of experiments. Nothing here decides a bit, and no
//! record holds it.

use serde::Deserialize;

use crate::reader::nearest;
use crate::recipe::Metric;

/// What a suite shows of its results.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Presentation {
    /// The experiment it belongs to, such as `C`; empty for none.
    pub experiment: String,
    /// Its tables, in order.
    pub tables: Vec<Tabulated>,
    /// Its pictures, in order.
    pub figures: Vec<Figure>,
}

/// A picture of a suite's results.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Above it; made from the rest where empty.
    pub title: String,
    /// What kind of picture is drawn.
    pub kind: Kind,
    /// Names of cases or globs over them, in the order drawn; all where empty.
    pub cases: Vec<String>,
    /// What is drawn of them; by its kind where empty.
    pub metrics: Vec<Quantity>,
    /// Of a sweep: the field of the experiment that a case's value is taken from; the last number in
    /// its name where none is given.
    pub by: Option<String>,
    /// Of a Pareto picture: what accuracy is weighed against.
    pub against: Quantity,
}

/// What a picture draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Accuracy or loss epoch by epoch.
    Curves,
    /// A metric against a number that cases differ in.
    Sweep,
    /// A metric's distribution over seeds, case by case.
    Box,
    /// Accuracy against cost, with the cases that no other beats in both.
    Pareto,
}

/// A table of a suite's results.
#[derive(Clone, Debug, PartialEq)]
pub struct Tabulated {
    /// Above it; made from the rest where empty.
    pub title: String,
    /// What its rows and columns are.
    pub form: Form,
    /// Names of cases or globs over them, in the order shown; all where empty.
    pub cases: Vec<String>,
    /// What it holds of them; by its form where empty.
    pub metrics: Vec<Quantity>,
    /// Below it; may be empty.
    pub note: String,
}

/// What a table's rows and columns are.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A row for each case.
    Cases,
    /// A column for each case, with these headings (the cases' names where there are none), and a row
    /// for each metric.
    Columns(Vec<String>),
    /// A row for each epoch of the first seed, beside these published training accuracies.
    Epochs(Vec<f64>),
    /// A row for each value of a sweep by this field, as [`Figure::by`].
    Sweep(Option<String>),
}

/// What can be shown of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// As a claim means it.
    Metric(Metric),
    /// The number of trainable parameters.
    Parameters,
    /// All epochs' training steps, in seconds.
    TrainingTime,
    /// The final test, in seconds.
    TestingTime,
    /// Samples trained on per second, the median over the epochs.
    Throughput,
    /// Train accuracy in the epoch whose weights were tested, minus test accuracy.
    OverFitting,
}

impl Quantity {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("train-accuracy", Quantity::Metric(Metric::TrainAccuracy)),
        ("train-loss", Quantity::Metric(Metric::TrainLoss)),
        ("validation-accuracy", Quantity::Metric(Metric::ValidationAccuracy)),
        ("validation-loss", Quantity::Metric(Metric::ValidationLoss)),
        ("final-validation-accuracy", Quantity::Metric(Metric::FinalValidationAccuracy)),
        ("best-epoch", Quantity::Metric(Metric::BestEpoch)),
        ("plateau-epoch", Quantity::Metric(Metric::PlateauEpoch)),
        ("test-accuracy", Quantity::Metric(Metric::TestAccuracy)),
        ("test-loss", Quantity::Metric(Metric::TestLoss)),
        ("parameters", Quantity::Parameters),
        ("training-time", Quantity::TrainingTime),
        ("testing-time", Quantity::TestingTime),
        ("throughput", Quantity::Throughput),
        ("over-fitting", Quantity::OverFitting),
    ];

    /// As a suite file and the command line spell it.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, quantity)| *quantity == self).map_or("", |(word, _)| word)
    }

    /// What it is measured in; quantities of one unit share an axis.
    pub fn unit(self) -> Unit {
        match self {
            Quantity::Metric(metric) if metric.is_accuracy() => Unit::Accuracy,
            Quantity::OverFitting => Unit::Accuracy,
            Quantity::Metric(metric) if metric.is_epoch() => Unit::Epochs,
            Quantity::Metric(_) => Unit::Loss,
            Quantity::Parameters => Unit::Parameters,
            Quantity::TrainingTime | Quantity::TestingTime => Unit::Seconds,
            Quantity::Throughput => Unit::SamplesPerSecond,
        }
    }
}

/// What a quantity is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// The fraction of samples that are classified right.
    Accuracy,
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

impl std::str::FromStr for Quantity {
    type Err = String;

    fn from_str(given: &str) -> Result<Self, String> {
        let found = Self::WORDS.iter().find(|(word, _)| *word == given);
        let known: Vec<&str> = Self::WORDS.iter().map(|(word, _)| *word).collect();
        found.map(|(_, quantity)| *quantity).ok_or_else(|| nearest(given, &known))
    }
}

/// Why one picture of this kind cannot show these quantities; none where it can.
pub fn undrawable(kind: Kind, metrics: &[Quantity]) -> Option<&'static str> {
    let of_epochs = |quantity: &Quantity| match quantity {
        Quantity::Metric(metric) => metric.is_of_every_epoch(),
        _ => false,
    };
    match kind {
        Kind::Curves if !metrics.iter().all(of_epochs) => {
            Some("a curve needs a value of every epoch: train or validation, accuracy or loss")
        }
        Kind::Box | Kind::Pareto if metrics.len() > 1 => Some("a picture of this kind shows one metric"),
        _ if metrics.len() > 3 => Some("more than three metrics cannot be told apart"),
        _ if metrics.windows(2).any(|pair| pair[0].unit() != pair[1].unit()) => {
            Some("these have no axis in common; draw a figure of each")
        }
        _ => None,
    }
}
