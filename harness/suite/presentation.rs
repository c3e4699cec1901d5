//! How a suite's results are shown on the page of experiments. Nothing here decides a bit, and no
//! record holds it.

use super::case::Metric;
use super::reader::{Table, Value, nearest};
use super::select::Selection;
use super::values::{Within, Word, number, text, word};

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

/// One picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Above it; made from the rest where empty.
    pub title: String,
    /// What is drawn.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
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

/// One table.
#[derive(Clone, Debug, PartialEq)]
pub struct Tabulated {
    /// Above it; made from the rest where empty.
    pub title: String,
    /// What its rows and columns are.
    pub form: Form,
    /// As a figure's.
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
    /// Trainable parameters.
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

impl Word for Kind {
    const WORDS: &'static [(&'static str, Self)] =
        &[("curves", Kind::Curves), ("sweep", Kind::Sweep), ("box", Kind::Box), ("pareto", Kind::Pareto)];
}

impl Word for Quantity {
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
}

impl Quantity {
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
    /// A fraction right.
    Accuracy,
    /// Cross-entropy in nats.
    Loss,
    /// The number of an epoch.
    Epochs,
    /// Trainable parameters.
    Parameters,
    /// Wall time.
    Seconds,
    /// Training throughput.
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

/// Whether a pattern of a figure or table means a case: its name, or a glob over names.
pub fn means(pattern: &str, case: &str) -> bool {
    meaning(pattern)(case)
}

/// As [`means`], of many cases: the glob is read once.
fn meaning(pattern: &str) -> impl Fn(&str) -> bool {
    let is_glob = pattern.contains(['*', '?', '[', '{']);
    let glob = is_glob.then(|| Selection::new(&[pattern.to_owned()], None).ok()).flatten();
    move |case| pattern == case || glob.as_ref().is_some_and(|glob| glob.over(&[])("", case))
}

/// Reads the keys `experiment`, `figure` and `table` of a suite with cases of these names.
pub(super) fn presentation(root: &mut Table<'_>, names: &[&str]) -> Option<Presentation> {
    let experiment = root.or("experiment", String::new(), text);
    let tables = root.or("table", Vec::new(), |value| each(value, |item| tabulated(item, names)));
    let figures = root.or("figure", Vec::new(), |value| each(value, |item| figure(item, names)));
    Some(Presentation { experiment: experiment?, tables: tables?, figures: figures? })
}

/// All items, or none where any is wrong, after each has said so.
fn each<T>(value: &Value<'_>, read: impl Fn(&Value<'_>) -> Option<T>) -> Option<Vec<T>> {
    let items: Vec<Option<T>> = value.items()?.iter().map(read).collect();
    items.into_iter().collect()
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

fn figure(value: &Value<'_>, names: &[&str]) -> Option<Figure> {
    let mut table = value.table()?;
    let kind: Option<Kind> = table.required("kind", word);
    let title = table.or("title", String::new(), text);
    let cases = table.or("cases", Vec::new(), |value| cases(value, names));
    let metrics = table.or("metrics", Vec::new(), |value| {
        let metrics = metrics(value)?;
        match undrawable(kind?, &metrics) {
            Some(why) => value.report(why),
            None => Some(metrics),
        }
    });
    let by = match kind {
        Some(Kind::Sweep) => table.optional("by", text),
        _ => Some(None),
    };
    let against = match kind {
        Some(Kind::Pareto) => table.or("against", Quantity::Parameters, word),
        _ => Some(Quantity::Parameters),
    };
    table.finish();
    Some(Figure { title: title?, kind: kind?, cases: cases?, metrics: metrics?, by: by?, against: against? })
}

#[derive(Clone, Copy, PartialEq)]
enum FormWord {
    Cases,
    Columns,
    Epochs,
    Sweep,
}

impl Word for FormWord {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("cases", FormWord::Cases),
        ("columns", FormWord::Columns),
        ("epochs", FormWord::Epochs),
        ("sweep", FormWord::Sweep),
    ];
}

fn tabulated(value: &Value<'_>, names: &[&str]) -> Option<Tabulated> {
    let mut table = value.table()?;
    let form = table.required("kind", word);
    let title = table.or("title", String::new(), text);
    let note = table.or("note", String::new(), text);
    let chosen = table.or("cases", Vec::new(), |value| cases(value, names));
    let metrics = match form {
        Some(FormWord::Columns | FormWord::Sweep) => table.or("metrics", Vec::new(), metrics),
        _ => Some(Vec::new()),
    };
    let form = match form {
        Some(FormWord::Columns) => table.or("headings", Vec::new(), texts).map(Form::Columns),
        Some(FormWord::Epochs) => table.or("published", Vec::new(), fractions).map(Form::Epochs),
        Some(FormWord::Sweep) => table.optional("by", text).map(Form::Sweep),
        Some(FormWord::Cases) => Some(Form::Cases),
        None => None,
    };
    if let (Some(Form::Columns(headings)), Some(patterns)) = (&form, &chosen)
        && let Some(place) = table.find("headings")
    {
        let meant: Vec<_> = patterns.iter().map(|pattern| meaning(pattern)).collect();
        let is_taken = |name: &&&str| meant.is_empty() || meant.iter().any(|means| means(name));
        let count = names.iter().filter(is_taken).count();
        if headings.len() != count {
            return place.report(format!("there are {} headings for {count} cases", headings.len()));
        }
    }
    table.finish();
    Some(Tabulated { title: title?, form: form?, cases: chosen?, metrics: metrics?, note: note? })
}

fn texts(value: &Value<'_>) -> Option<Vec<String>> {
    each(value, text)
}

fn fractions(value: &Value<'_>) -> Option<Vec<f64>> {
    each(value, number(Within::UpTo(1.0)))
}

fn metrics(value: &Value<'_>) -> Option<Vec<Quantity>> {
    each(value, word)
}

/// Patterns, each of which means some case.
fn cases(value: &Value<'_>, names: &[&str]) -> Option<Vec<String>> {
    let pattern = |item: &Value<'_>| {
        let pattern = text(item)?;
        if let Err(error) = Selection::new(std::slice::from_ref(&pattern), None) {
            return item.refuse(error);
        }
        let is_known = {
            let means = meaning(&pattern);
            names.iter().any(|name| means(name))
        };
        match is_known {
            true => Some(pattern),
            false => item.refuse(format!("no case is called so; {}", nearest(&pattern, names))),
        }
    };
    each(value, pattern)
}
