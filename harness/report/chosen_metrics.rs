//! The metrics that a user asks for, case by case.

use super::group::{class_names, troubles};
use super::metric::{cell, plain_name, reservations};
use super::table::{Cell, Column, Table};
use crate::analysis::{Group, chosen, named, summary, values};
use crate::metrics::Metric;
use crate::record::{Run, TrialRecord};

type GroupColumn<'a, 'g> = Column<'a, Group<'g>>;

/// Returns a table with a row for each case and two columns for each metric: the mean over the seeds, and their sample
/// standard deviation.
pub fn chosen_metrics(runs: &[Run], records: &[TrialRecord], metrics: &[Metric]) -> Table {
    let groups = chosen(runs, records, &[]);
    let mut columns = vec![
        GroupColumn::label("suite", "suite", |group| Cell::text(group.suite)),
        GroupColumn::label("case", "case", |group| Cell::text(named(group, &groups))),
        GroupColumn::new("succeeded", "seeds", |group| Cell::count(group.successes().count())),
    ];
    for &metric in metrics {
        let key = metric.word();
        columns.push(GroupColumn::new(
            key.clone(),
            metric.heading_with(class_names(&groups)),
            move |group| Cell::maybe(summary(metric, group), |all| cell(metric, all.mean)),
        ));
        columns.push(GroupColumn::new(format!("{key}-sd"), "± sd", move |group| {
            Cell::maybe(summary(metric, group).and_then(|all| all.deviation), |sd| cell(metric, sd))
        }));
    }
    let mut notes = vec!["mean over seeds; of train and validation metrics the best epoch".to_owned()];
    notes.extend(metrics.iter().filter_map(|metric| without(*metric, &groups)));
    notes.extend(troubles(&groups));
    notes.extend(reservations(metrics, &groups));
    Table::new("chosen metrics", columns, &groups).with_notes(notes)
}

/// Returns what must be said of the cases of which no trial that ended well yields the metric.
fn without(metric: Metric, groups: &[Group]) -> Option<String> {
    let has_none = |group: &&Group| group.successes().next().is_some() && values(metric, group).is_empty();
    let labels: Vec<&str> = groups.iter().filter(has_none).map(|group| group.label.as_str()).collect();
    (!labels.is_empty()).then(|| {
        format!(
            "{}: the records of {} do not yield it",
            plain_name(metric, class_names(groups)),
            labels.join(", ")
        )
    })
}
