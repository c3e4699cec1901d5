//! Cases side by side: what they cost, what they reach, and how far they over-fit.

use super::group::troubles;
use super::metric::{cell, reservations};
use super::table::{Cell, Column, Table};
use crate::analysis::{Group, chosen, named, summary, values};
use crate::metrics::Metric;
use crate::record::{Run, TrialRecord};
use crate::stats::median;

type ComparisonColumn<'a, 'g> = Column<'a, Group<'g>>;

/// Returns a table with a row for each case, in the order of the patterns and then of the suites.
pub fn comparison(title: &str, runs: &[Run], records: &[TrialRecord], cases: &[String]) -> Table {
    let groups = chosen(runs, records, cases);
    let mut notes = vec![
        "accuracy, loss and train - test (the over-fitting gap, in percentage points): mean over seeds; \
         samples/s and times: median"
            .to_owned(),
    ];
    notes.extend(troubles(&groups));
    notes.extend(reservations(&[Metric::TEST_LOSS, Metric::THROUGHPUT], &groups));
    let columns = columns(|group| named(group, &groups));
    Table::new(title, columns, &groups).with_notes(notes)
}

/// Returns the columns; `name` gives a group's name among the others.
fn columns<'a, 'g>(name: impl Fn(&Group) -> String + 'a) -> Vec<ComparisonColumn<'a, 'g>> {
    let mean = |metric| {
        move |group: &Group| Cell::maybe(summary(metric, group), |summary| cell(metric, summary.mean))
    };
    let middle = |metric| {
        move |group: &Group| Cell::maybe(median(&values(metric, group)), |value| cell(metric, value))
    };
    let test = Metric::TEST_ACCURACY;
    let validation = Metric::VALIDATION_ACCURACY;
    vec![
        ComparisonColumn::detail("suite", |group| Cell::text(group.suite)),
        ComparisonColumn::label("case", "case", move |group| Cell::text(name(group))),
        ComparisonColumn::new("parameters", "parameters", |group| {
            let parameters =
                group.trials.iter().find_map(|record| Metric::PARAMETERS.value(&record.results()));
            Cell::maybe(parameters, |count| Cell::Count(count as u64))
        }),
        ComparisonColumn::new("succeeded", "seeds", |group| Cell::count(group.successes().count())),
        ComparisonColumn::new("test_accuracy", "test %", mean(test)),
        ComparisonColumn::new("test_accuracy_sd", "± sd", move |group| {
            Cell::percent(summary(test, group).and_then(|summary| summary.deviation), 2)
        }),
        ComparisonColumn::new("test_loss", "test loss", mean(Metric::TEST_LOSS)),
        ComparisonColumn::new("validation_accuracy", "best validation %", mean(validation)),
        ComparisonColumn::new("over_fitting", "train - test", mean(Metric::OVER_FITTING)),
        ComparisonColumn::new("samples_per_second", "samples/s", middle(Metric::THROUGHPUT)),
        ComparisonColumn::new("training_seconds", "training time", middle(Metric::TRAINING_TIME)),
        ComparisonColumn::new("testing_seconds", "testing time", middle(Metric::TESTING_TIME)),
    ]
}
