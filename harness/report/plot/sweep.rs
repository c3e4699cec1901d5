//! A metric against a number that cases differ in.

use serde_json::Value;

use super::{Plot, TRAIN, Unplottable, VALIDATION, line_notes, summary, title};
use crate::compare::leaves_of;
use crate::report::chart::{Axis, Chart, Mark, Series};
use crate::report::group::Group;
use crate::report::quantity::{cell, drawn, name, plain_name, unit_name};
use crate::report::table::{Cell, Column, Table};
use crate::stats::Summary;
use crate::suite::presentation::{Figure, Quantity};

/// Cases along a number, in families.
pub(in crate::report) struct Sweep<'a> {
    /// What the number is.
    pub label: String,
    /// In the order of their first cases; each along its number.
    pub families: Vec<(String, Vec<(f64, &'a Group<'a>)>)>,
}

/// Places each group by the last number in its case's name, or by a field of its experiment; the rest of
/// the name is its family's.
pub(in crate::report) fn sweep<'a>(
    groups: &'a [Group<'a>],
    by: Option<&str>,
) -> Result<Sweep<'a>, Unplottable> {
    let mut families: Vec<(String, Vec<(f64, &Group)>)> = Vec::new();
    let several = groups.windows(2).any(|pair| pair[0].suite != pair[1].suite);
    for group in groups {
        let none = |by: &str| Unplottable::NoNumber { case: group.label.clone(), by: by.to_owned() };
        // What tells records of other conditions apart, ` (2)`, is a part of the family.
        let case = group.trials.first().map_or("", |record| record.trial.case.as_str());
        let conditions = group.label.strip_prefix(case).unwrap_or_default();
        let in_name = last_number(case).map(|(number, family)| (number, format!("{family}{conditions}")));
        let (number, family) = match by {
            Some(field) => {
                let family = in_name.map_or(group.label.clone(), |(_, family)| family);
                (field_of(group, field).ok_or_else(|| none(&format!("`{field}`")))?, family)
            }
            None => in_name.ok_or_else(|| none("the last number in its name"))?,
        };
        let family = if several { format!("{}/{family}", group.suite) } else { family };
        match families.iter_mut().find(|(name, _)| *name == family) {
            Some((_, members)) => {
                if let Some((_, other)) = members.iter().find(|(at, _)| *at == number) {
                    let cases = [&other.label, &group.label].map(|label| label.to_owned());
                    return Err(Unplottable::Twice { cases, number });
                }
                members.push((number, group));
            }
            None => families.push((family, vec![(number, group)])),
        }
    }
    for (_, members) in &mut families {
        members.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    }
    let label = match by {
        Some(field) => spoken(last_part(field)),
        None => {
            common_field(&families).map_or("number in the case's name".to_owned(), |field| spoken(&field))
        }
    };
    Ok(Sweep { label, families })
}

/// The last number in a name, as in `50`, `0.01` or `1e-3`, and the name without it.
fn last_number(name: &str) -> Option<(f64, String)> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let end = name.rfind(|c: char| c.is_ascii_digit())? + 1;
    let before = name.get(..end)?;
    let decimal = |text: &str| text.rfind(|c| !is_part(c)).map_or(0, |at| at + 1);
    let mut start = decimal(before);
    let exponent = before.get(..start)?;
    if let Some(mantissa) = exponent.strip_suffix("e-").or(exponent.strip_suffix('e'))
        && mantissa.ends_with(is_part)
    {
        start = decimal(mantissa);
    }
    let number = before.get(start..)?.parse().ok()?;
    let (head, tail) = (name.get(..start)?, name.get(end..)?);
    let family = format!("{}{tail}", head.trim_end_matches('-'));
    Some((number, family.trim_start_matches('-').to_owned()))
}

fn fields(group: &Group) -> Vec<(String, String)> {
    let experiment = group.trials.first().map(|record| serde_json::to_value(&record.trial.experiment));
    leaves_of(&experiment.and_then(Result::ok).unwrap_or(Value::Null))
}

fn field_of(group: &Group, field: &str) -> Option<f64> {
    fields(group).into_iter().find(|(name, _)| name == field).and_then(|(_, value)| value.parse().ok())
}

/// The field whose value is the number of every case.
fn common_field(families: &[(String, Vec<(f64, &Group)>)]) -> Option<String> {
    let members = families.iter().flat_map(|(_, members)| members);
    let equal = members.map(|(number, group)| {
        let fields = fields(group).into_iter();
        let same = fields.filter(|(_, value)| value.parse() == Ok(*number));
        same.map(|(name, _)| last_part(&name).to_owned()).collect::<Vec<_>>()
    });
    let common = equal.reduce(|mut common, fields| {
        common.retain(|field| fields.contains(field));
        common
    });
    common?.into_iter().next()
}

fn last_part(field: &str) -> &str {
    field.rsplit('.').next().unwrap_or(field)
}

fn spoken(field: &str) -> String {
    match field {
        "lr" => "learning rate".to_owned(),
        "rate" => "dropout rate".to_owned(),
        field => field.replace('_', " "),
    }
}

const COLUMNS: [Column; 10] = [
    Column::new("series", "series"),
    Column::new("metric", "metric"),
    Column::new("value", "value"),
    Column::detail("suite"),
    Column::detail("case"),
    Column::new("seeds", "seeds"),
    Column::new("q25", "25 %"),
    Column::new("median", "median"),
    Column::new("q75", "75 %"),
    Column::detail("mean"),
];

pub(super) fn draw(figure: &Figure, groups: &[Group]) -> Result<Plot, Unplottable> {
    let metrics = match figure.metrics.as_slice() {
        [] => [VALIDATION, TRAIN].to_vec(),
        metrics => metrics.to_vec(),
    };
    let sweep = sweep(groups, figure.by.as_deref())?;
    let (mut series, mut rows, mut ticks) = (Vec::new(), Vec::new(), Vec::new());
    let mut shown: Vec<Quantity> = Vec::new();
    for (colour, (family, members)) in sweep.families.iter().enumerate() {
        let mut family_name = family.clone();
        for (pattern, &metric) in metrics.iter().enumerate() {
            let found = |(number, group): &(f64, &Group)| Some((*number, summary(metric, group)?));
            let found: Vec<(f64, Summary)> = members.iter().filter_map(found).collect();
            if found.is_empty() {
                continue;
            }
            let at = |part: fn(&Summary) -> f64, all: &Summary| drawn(metric, part(all));
            let medians: Vec<[f64; 2]> =
                found.iter().map(|(x, all)| [*x, at(|all| all.median, all)]).collect();
            let mut one = Series::new(std::mem::take(&mut family_name));
            if metrics.len() > 1 {
                one = one.look(colour, pattern);
            }
            if found.iter().any(|(_, all)| all.count > 1) {
                let band = found.iter().map(|(x, all)| {
                    [*x, at(|all| all.lower_quartile, all), at(|all| all.upper_quartile, all)]
                });
                one = one.with(Mark::Band(band.collect()));
            }
            ticks.extend(found.iter().map(|(x, _)| *x));
            series.push(one.with(Mark::Line(medians.clone())).with(Mark::Points(medians)));
            if !shown.contains(&metric) {
                shown.push(metric);
            }
            for (number, group) in members {
                rows.extend(summary(metric, group).map(|all| row(family, metric, *number, group, &all)));
            }
        }
    }
    let Some(&first) = shown.first() else {
        let what = metrics.iter().map(|metric| plain_name(*metric)).collect::<Vec<_>>().join(" or ");
        return Err(Unplottable::Empty { what });
    };
    ticks.sort_by(f64::total_cmp);
    ticks.dedup();
    let positive = ticks.first().is_some_and(|least| *least > 0.0);
    let x = if positive { Axis::log(&sweep.label) } else { Axis::linear(&sweep.label) };
    let best =
        |metric: Quantity, of: &str| if is_best(metric) { format!("best {of}") } else { of.to_owned() };
    let y = best(first, if shown.len() > 1 { unit_name(first.unit()) } else { name(first) });
    let notes = line_notes(groups, &metrics, &shown, |metric| best(metric, plain_name(metric)));
    let title = title(figure, groups, || format!("{y} by {}", sweep.label).replace(" %", ""));
    let y = Axis::linear(y);
    let chart = Chart { title: title.clone(), x: x.ticks_at(ticks), y, series, notes: notes.clone() };
    Ok(Plot { chart, data: Table { title, columns: COLUMNS.to_vec(), labels: 2, rows, notes } })
}

/// Whether it is the best over the epochs.
pub(in crate::report) fn is_best(quantity: Quantity) -> bool {
    matches!(quantity, Quantity::Metric(metric) if metric.is_of_every_epoch())
}

fn row(family: &str, metric: Quantity, number: f64, group: &Group, all: &Summary) -> Vec<Cell> {
    vec![
        Cell::Text(family.to_owned()),
        Cell::Text(metric.word().to_owned()),
        number_cell(number),
        Cell::Text(group.suite.to_owned()),
        Cell::Text(group.label.clone()),
        Cell::Count(all.count as u64),
        cell(metric, all.lower_quartile),
        cell(metric, all.median),
        cell(metric, all.upper_quartile),
        cell(metric, all.mean),
    ]
}

/// With the decimals it needs.
pub(in crate::report) fn number_cell(number: f64) -> Cell {
    let decimals = number.to_string().split_once('.').map_or(0, |(_, decimals)| decimals.len());
    Cell::Number(number, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_number_of_a_name() {
        let names = [
            "clean-10",
            "clean-10-plain",
            "l2-0.001-50",
            "sgd-0.01",
            "lstm-3x32",
            "100",
            "sgd-1e-3",
            "sgd-2.5e10-plain",
            "note-3",
        ];
        let found: Vec<_> = names.map(|name| last_number(name).unwrap()).to_vec();
        let expected = [
            (10.0, "clean"),
            (10.0, "clean-plain"),
            (50.0, "l2-0.001"),
            (0.01, "sgd"),
            (32.0, "lstm-3x"),
            (100.0, ""),
            (1e-3, "sgd"),
            (2.5e10, "sgd-plain"),
            (3.0, "note"),
        ];
        assert_eq!(found, expected.map(|(number, family)| (number, family.to_owned())));
        assert_eq!(last_number("adam"), None);
    }
}
