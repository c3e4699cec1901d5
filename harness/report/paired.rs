//! One program or setting beside another.

use super::machine::numerics_name;
use super::table::{Cell, Heading, Table};
use crate::compare::{Difference, PairedRatio};
use crate::recipe::Environment;
use crate::record::{Paired, PairedCase, Side};

/// Returns a row for each case that was measured, and whether B is slower in any. The intervals hold for
/// `family` cases at once.
pub fn paired(found: &Paired, family: usize) -> (Table, bool) {
    let mut any_slower = false;
    let row = |case: &PairedCase| {
        let ratio = PairedRatio::of(&case.pairs, family);
        let difference = ratio.map(|ratio| ratio.difference());
        any_slower |= difference == Some(Difference::Slower);
        let end =
            |value: fn(&PairedRatio) -> f64| Cell::maybe(ratio.as_ref().map(value), |x| Cell::Number(x, 4));
        let (word, verdict) = match difference {
            Some(Difference::Slower) => ("slower", "B slower".to_owned()),
            Some(Difference::Faster) => ("faster", "B faster".to_owned()),
            Some(Difference::NoneShown(most)) => {
                ("none-shown", format!("no difference shown (smaller than {:.1} %)", most * 100.0))
            }
            None => ("inconclusive", "too few pairs".to_owned()),
        };
        vec![
            Cell::Text(case.suite.to_string()),
            Cell::Text(case.case.to_string()),
            end(|ratio| ratio.ratio),
            end(|ratio| ratio.low),
            end(|ratio| ratio.high),
            Cell::Count(case.pairs.len() as u64),
            Cell::Count(case.pairs.iter().filter(|pair| pair.steady).count() as u64),
            Cell::Text(word.to_owned()),
            Cell::Text(verdict),
        ]
    };
    let rows = found.cases.iter().map(row).collect();
    let table = Table {
        title: "time of B in units of A's".to_owned(),
        columns: vec![
            Heading::new("suite", "suite"),
            Heading::new("case", "case"),
            Heading::new("ratio", "B/A"),
            Heading::new("low", "from"),
            Heading::new("high", "to"),
            Heading::new("pairs", "pairs"),
            Heading::detail("steady_pairs"),
            Heading::detail("difference"),
            Heading::new("verdict", "verdict"),
        ],
        labels: 2,
        rows,
        notes: vec![
            side("A", &found.a),
            side("B", &found.b),
            "from, to: intervals of B/A over pairs of fresh processes, that hold for all cases at once with 95 %".to_owned(),
        ],
    };
    (table, any_slower)
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
