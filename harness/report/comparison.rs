//! Cases side by side: what they cost, what they reach, and how far they over-fit.

use super::group::troubles;
use super::quantity::{cell, reservations};
use super::table::{Cell, Heading, Table};
use crate::analysis::{Group, chosen, named, summary, value, values};
use crate::recipe::Metric;
use crate::record::{Run, TrialRecord};
use crate::stats::median;
use crate::suite::presentation::Quantity;

const COLUMNS: [Heading; 12] = [
    Heading::detail("suite"),
    Heading::new("case", "case"),
    Heading::new("parameters", "parameters"),
    Heading::new("succeeded", "seeds"),
    Heading::new("test_accuracy", "test %"),
    Heading::new("test_accuracy_sd", "± sd"),
    Heading::new("test_loss", "test loss"),
    Heading::new("validation_accuracy", "best validation %"),
    Heading::new("over_fitting", "train - test"),
    Heading::new("samples_per_second", "samples/s"),
    Heading::new("training_seconds", "training time"),
    Heading::new("testing_seconds", "testing time"),
];

/// One row a case, in the order of the patterns and then of the suites.
pub fn comparison(title: &str, runs: &[Run], records: &[TrialRecord], cases: &[String]) -> Table {
    let groups = chosen(runs, records, cases);
    let mut notes = vec![
        "accuracy, loss and train - test (the over-fitting gap, in percentage points): mean over seeds; \
         samples/s and times: median"
            .to_owned(),
    ];
    notes.extend(troubles(&groups));
    notes.extend(reservations(&[Quantity::Metric(Metric::TestLoss), Quantity::Throughput], &groups));
    Table {
        title: title.to_owned(),
        columns: COLUMNS.to_vec(),
        labels: 1,
        rows: groups.iter().map(|group| row(group, named(group, &groups))).collect(),
        notes,
    }
}

fn row(group: &Group, name: String) -> Vec<Cell> {
    let mean = |quantity| Cell::maybe(summary(quantity, group), |summary| cell(quantity, summary.mean));
    let middle = |quantity| Cell::maybe(median(&values(quantity, group)), |value| cell(quantity, value));
    let test = Quantity::Metric(Metric::TestAccuracy);
    let deviation = summary(test, group).and_then(|summary| summary.deviation);
    let parameters = group.trials.iter().find_map(|record| value(Quantity::Parameters, record));
    vec![
        Cell::Text(group.suite.to_owned()),
        Cell::Text(name),
        Cell::maybe(parameters, |count| Cell::Count(count as u64)),
        Cell::Count(group.successes().count() as u64),
        mean(test),
        Cell::maybe(deviation, |value| Cell::Percent(value, 2)),
        mean(Quantity::Metric(Metric::TestLoss)),
        mean(Quantity::Metric(Metric::ValidationAccuracy)),
        mean(Quantity::OverFitting),
        middle(Quantity::Throughput),
        middle(Quantity::TrainingTime),
        middle(Quantity::TestingTime),
    ]
}
