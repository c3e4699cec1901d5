//! How often each class is taken for each.

use super::group::troubles;
use super::metric::plain_name;
use super::table::{Cell, Column, Table};
use crate::analysis::{Group, group, summary};
use crate::event::Counts;
use crate::metrics::Metric;
use crate::recipe::class_label;
use crate::record::{Run, TrialRecord};

type ConfusionColumn<'a> = Column<'a, ConfusionRow>;

/// A row of the table.
enum ConfusionRow {
    /// The samples of one true class.
    Class(usize),
    /// What part of the samples that are taken for a class is of it.
    Precision,
}

/// Returns a table for each case of which trials counted how they classified the test samples: the counts of all seeds
/// together.
pub fn confusions(runs: &[Run], records: &[TrialRecord]) -> Vec<Table> {
    group(runs, records).iter().filter_map(of_group).collect()
}

fn of_group(group: &Group) -> Option<Table> {
    let all: Vec<&Counts> =
        group.successes().filter_map(|record| record.finished.as_ref()?.counts.as_ref()).collect();
    let classes = all.first()?.classes();
    let mut counts = vec![vec![0u64; classes]; classes];
    for one in &all {
        let cells = counts.iter_mut().flatten().zip(one.confusion.iter().flatten());
        cells.for_each(|(sum, count)| *sum += u64::from(*count));
    }
    let seeds = all.len();
    let plural = if seeds == 1 { "" } else { "s" };
    let title = format!("{}/{}, {seeds} seed{plural}", group.suite, group.label);
    let mean = |metric: Metric| {
        let mean = summary(metric, group)?.mean;
        Some(format!("{} {:.2} %", plain_name(metric, &[]), mean * 100.0))
    };
    let means: Vec<String> = [Metric::TEST_ACCURACY, Metric::MACRO_F1, Metric::TOP_ACCURACY]
        .into_iter()
        .filter_map(mean)
        .collect();
    let notes = troubles(std::slice::from_ref(group));
    Some(confusion(title, &counts, &group.class_names).with_notes([means.join(", ")]).with_notes(notes))
}

/// Returns counts as a table: a row for each true class, with the fraction of it that is right (recall), and
/// below them for each class the fraction of what is taken for it that is it (precision). `counts` has a row for each
/// true class, and in it a count for each predicted class; `names` are those of the classes, or empty.
pub(super) fn confusion(title: String, counts: &[Vec<u64>], names: &[String]) -> Table {
    let samples = |class: usize| -> u64 { counts[class].iter().sum() };
    let taken_for = |class: usize| -> u64 { counts.iter().map(|row| row[class]).sum() };
    let all: u64 = counts.iter().flatten().sum();
    let right: u64 = counts.iter().enumerate().map(|(class, row)| row[class]).sum();
    let mut columns = vec![ConfusionColumn::label("true", "true", |row| match row {
        ConfusionRow::Class(class) => Cell::Text(class_label(*class, names)),
        ConfusionRow::Precision => Cell::text("precision %"),
    })];
    columns.extend((0..counts.len()).map(|predicted| {
        let key = format!("predicted_{predicted}");
        ConfusionColumn::new(key, predicted.to_string(), move |row| match row {
            ConfusionRow::Class(class) => Cell::Count(counts[*class][predicted]),
            ConfusionRow::Precision => fraction(counts[predicted][predicted], taken_for(predicted)),
        })
    }));
    columns.push(ConfusionColumn::new("samples", "samples", |row| match row {
        ConfusionRow::Class(class) => Cell::Count(samples(*class)),
        ConfusionRow::Precision => Cell::Count(all),
    }));
    columns.push(ConfusionColumn::new("recall", "recall %", |row| match row {
        ConfusionRow::Class(class) => fraction(counts[*class][*class], samples(*class)),
        ConfusionRow::Precision => fraction(right, all),
    }));
    let rows = (0..counts.len()).map(ConfusionRow::Class).chain([ConfusionRow::Precision]);
    Table::new(title, columns, rows).with_notes(["columns: the class that a sample is taken for"])
}

/// Returns a part of a whole; [`Cell::Missing`] of nothing.
fn fraction(part: u64, whole: u64) -> Cell {
    if whole == 0 { Cell::Missing } else { Cell::Percent(part as f64 / whole as f64, 2) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{TableFormat, render};

    #[test]
    fn classes_are_told_by_their_names() {
        let names = ["cat".to_owned(), "dog".to_owned()];
        let table = confusion("pets".to_owned(), &[vec![3, 1], vec![0, 4]], &names);
        insta::assert_snapshot!(render(&[table], TableFormat::TEXT, None), @r"
        pets

        true              0      1  samples  recall %
        ──────────────────────────────────────────────
        0 cat             3      1        4     75.00
        1 dog             0      4        4    100.00
        precision %  100.00  80.00        8     87.50
          columns: the class that a sample is taken for
        ");
    }
}
