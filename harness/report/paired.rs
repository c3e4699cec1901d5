//! One program or setting beside another.

use super::machine::numerics_name;
use super::table::{Cell, Column, Table};
use crate::analysis::JudgedPair;
use crate::compare::{Difference, PairedRatio};
use crate::recipe::Environment;
use crate::record::{Paired, Side};

type PairColumn<'a> = Column<'static, JudgedPair<'a>>;

/// Returns a table with a row for each case of a paired measurement.
pub fn paired(found: &Paired, cases: &[JudgedPair]) -> Table {
    Table::new("time of B in units of A's", columns(), cases).with_notes([
        side("A", &found.a),
        side("B", &found.b),
        "from, to: intervals of B/A over pairs of fresh processes, that hold for all cases at once with 95 %"
            .to_owned(),
    ])
}

fn columns<'a>() -> Vec<PairColumn<'a>> {
    let ratio =
        |value: fn(PairedRatio) -> f64| move |judged: &JudgedPair| Cell::number(judged.ratio.map(value), 4);
    vec![
        PairColumn::label("suite", "suite", |judged| Cell::text(&judged.case.suite)),
        PairColumn::label("case", "case", |judged| Cell::text(&judged.case.case)),
        PairColumn::new("ratio", "B/A", ratio(|ratio| ratio.ratio)),
        PairColumn::new("low", "from", ratio(|ratio| ratio.low)),
        PairColumn::new("high", "to", ratio(|ratio| ratio.high)),
        PairColumn::new("pairs", "pairs", |judged| Cell::count(judged.case.pairs.len())),
        PairColumn::detail("steady_pairs", |judged| {
            Cell::count(judged.case.pairs.iter().filter(|pair| pair.steady).count())
        }),
        PairColumn::detail("difference", |judged| Cell::text(word(judged.difference()))),
        PairColumn::new("verdict", "verdict", |judged| Cell::Text(verdict(judged.difference()))),
    ]
}

/// Returns what programs read of a difference.
fn word(difference: Option<Difference>) -> &'static str {
    match difference {
        Some(Difference::Slower) => "slower",
        Some(Difference::Faster) => "faster",
        Some(Difference::NoneShown(_)) => "none-shown",
        None => "inconclusive",
    }
}

/// Returns what people read of a difference.
fn verdict(difference: Option<Difference>) -> String {
    match difference {
        Some(Difference::Slower) => "B slower".to_owned(),
        Some(Difference::Faster) => "B faster".to_owned(),
        Some(Difference::NoneShown(most)) => {
            format!("no difference shown (smaller than {:.1} %)", most * 100.0)
        }
        None => "too few pairs".to_owned(),
    }
}

fn side(name: &str, side: &Side) -> String {
    let Side { program, environment, slowdown, .. } = side;
    let Environment { device, threads, .. } = environment;
    let numerics = numerics_name(environment.numerics);
    let busy = match slowdown {
        0.0 => String::new(),
        _ => format!(", with {} % busy work", slowdown * 100.0),
    };
    format!("{name}: {program}, {device}, {threads} threads, {numerics}{busy}")
}
