//! Cases along a number that they differ in.

use serde_json::Value;

use super::group::Group;
use crate::compare::leaves_of;

/// Why cases cannot be placed along a number.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SweepError {
    /// A case has no number to be placed by.
    #[error(
        "{case}: a sweep places each case by {by}, and this one has none; leave it out with a filter, or name another field"
    )]
    NoNumber {
        /// The name of the case.
        case: String,
        /// What gives the number.
        by: String,
    },
    /// Two cases would stand at one place of one series.
    #[error("{} and {} both stand at {number}; leave one out with a filter, or name another field", cases[0], cases[1])]
    Twice {
        /// The names of the two cases.
        cases: [String; 2],
        /// The number that both have.
        number: f64,
    },
}

/// Cases along a number, in families.
pub struct Sweep<'a> {
    /// What the number is, such as `learning rate`.
    pub label: String,
    /// The families, in the order of their first cases, each with its groups by rising number.
    pub families: Vec<(String, Vec<(f64, &'a Group<'a>)>)>,
}

/// Places each group by the last number in its case's name, or by the field `by` of its experiment. Returns the
/// families of cases, which are named by the rest of the case's name.
///
/// # Errors
/// Returns an error if a case has no such number, or if two cases of one family have the same.
pub fn sweep<'a>(groups: &'a [Group<'a>], by: Option<&str>) -> Result<Sweep<'a>, SweepError> {
    let mut families: Vec<(String, Vec<(f64, &Group)>)> = Vec::new();
    let several = groups.windows(2).any(|pair| pair[0].suite != pair[1].suite);
    for group in groups {
        let none = |by: &str| SweepError::NoNumber { case: group.label.clone(), by: by.to_owned() };
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
                    return Err(SweepError::Twice { cases, number });
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
    let head = name.get(..start)?;
    let tail = name.get(end..)?;
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
