//! How a suite's results are shown on the page of experiments. Nothing here decides a bit, and no
//! record holds it.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::metrics::Metric;

/// What a suite shows of its results.
#[derive(Clone, Debug, Default, PartialEq, JsonSchema)]
pub struct Presentation {
    /// The experiment it belongs to, such as `C`; empty for none.
    pub experiment: String,
    /// Its tables, in order.
    pub tables: Vec<Tabulated>,
    /// Its pictures, in order.
    pub figures: Vec<Figure>,
}

/// A picture of a suite's results.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
pub struct Figure {
    /// Above it; made from the rest where empty.
    pub title: String,
    /// What kind of picture is drawn.
    pub kind: FigureKind,
    /// Names of cases or globs over them, in the order drawn; all where empty.
    pub cases: Vec<String>,
    /// What is drawn of them; by its kind where empty.
    pub metrics: Vec<Metric>,
    /// Of a sweep: the field of the experiment that a case's value is taken from; the last number in
    /// its name where none is given.
    pub by: Option<String>,
    /// Of a Pareto picture: what accuracy is weighed against.
    pub against: Metric,
}

/// What a picture draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FigureKind {
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
#[derive(Clone, Debug, PartialEq, JsonSchema)]
pub struct Tabulated {
    /// Above it; made from the rest where empty.
    pub title: String,
    /// What its rows and columns are.
    pub form: Form,
    /// Names of cases or globs over them, in the order shown; all where empty.
    pub cases: Vec<String>,
    /// What it holds of them; by its form where empty.
    pub metrics: Vec<Metric>,
    /// Below it; may be empty.
    pub note: String,
}

/// What a table's rows and columns are.
#[derive(Clone, Debug, PartialEq, JsonSchema)]
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

/// Colours beyond these cannot be told apart.
pub(super) const MOST_METRICS: usize = 3;

/// Returns whether a picture of this kind shows a single metric.
pub(super) fn shows_one_metric(kind: FigureKind) -> bool {
    matches!(kind, FigureKind::Box | FigureKind::Pareto)
}

/// Returns why one picture of this kind cannot show these metrics; `None` where it can.
pub fn undrawable(kind: FigureKind, metrics: &[Metric]) -> Option<&'static str> {
    match kind {
        FigureKind::Curves if !metrics.iter().all(Metric::is_of_every_epoch) => {
            Some("a curve needs a value of every epoch: train or validation, accuracy or loss")
        }
        _ if metrics.len() > 1 && shows_one_metric(kind) => Some("a picture of this kind shows one metric"),
        _ if metrics.len() > MOST_METRICS => Some("more than three metrics cannot be told apart"),
        _ if metrics.windows(2).any(|pair| pair[0].unit() != pair[1].unit()) => {
            Some("these have no axis in common; draw a figure of each")
        }
        _ => None,
    }
}
