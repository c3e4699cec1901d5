//! What verdicts on throughput are worth on a machine, as a table.

use super::table::{Cell, Heading, Table};
use crate::compare::{CaseRates, Counts, FEWEST};
use crate::record::Calibration;

const COLUMNS: [Heading; 14] = [
    Heading::new("suite", "suite"),
    Heading::new("case", "case"),
    Heading::new("spread", "± sd %"),
    Heading::new("largest", "largest %"),
    Heading::new("noise_floor", "floor %"),
    Heading::detail("comparisons"),
    Heading::detail("false_alarms"),
    Heading::detail("false_improvements"),
    Heading::new("alarms", "false alarms"),
    Heading::detail("slowed"),
    Heading::detail("found"),
    Heading::new("detected", "found"),
    Heading::new("smallest", "smallest %"),
    Heading::new("smallest_in_four", "in 4 x the time"),
];

/// One row for each case, then what holds for all.
pub fn calibration(calibration: &Calibration, rates: &[CaseRates]) -> Table {
    let all = |of: fn(&CaseRates) -> Counts, count: fn(Counts) -> usize| {
        rates.iter().map(|rates| count(of(rates))).sum::<usize>()
    };
    let (plain, slowed) = (|rates: &CaseRates| rates.plain, |rates: &CaseRates| rates.slowed);
    let compared = all(plain, |counts| counts.comparisons);
    let repeats = calibration.cases.iter().map(|case| case.plain.len()).max().unwrap_or(0);
    let measurements =
        calibration.cases.iter().map(|case| case.plain.len() + case.slowed.len()).sum::<usize>();
    let each = calibration.seconds / measurements.max(1) as f64;
    let mut notes = vec![
        "floor: the case's noise floor; of the differences between two measurements of the same program, 95 % are smaller"
            .to_owned(),
    ];
    match compared {
        0 => notes.push(format!(
            "{repeats} measurements of each kind are too few to count verdicts: it takes {FEWEST}"
        )),
        _ => notes.push(format!(
            "of {compared} comparisons of the program with itself {} said regressed and {} improved; of {} of a case \
             slowed by {:.1} % {} said regressed, {} inconclusive",
            all(plain, |counts| counts.regressed),
            all(plain, |counts| counts.improved),
            all(slowed, |counts| counts.comparisons),
            calibration.slowdown * 100.0,
            all(slowed, |counts| counts.regressed),
            all(slowed, |counts| counts.inconclusive),
        )),
    }
    notes.push(format!(
        "± sd: between processes of one measurement; largest: difference between a measurement and the next; \
         smallest: the slowdown that is found in 95 % of nights with {each:.0} s a case"
    ));
    Table {
        title: "what a verdict on throughput is worth here".to_owned(),
        columns: COLUMNS.to_vec(),
        labels: 2,
        rows: rates.iter().map(row).collect(),
        notes,
    }
}

fn row(rates: &CaseRates) -> Vec<Cell> {
    let count = |count: usize| Cell::Count(count as u64);
    let of = |some: usize, all: usize| match all {
        0 => Cell::Missing,
        _ => Cell::Text(format!("{some} of {all}")),
    };
    let percent = |value: Option<f64>| Cell::maybe(value, |value| Cell::Percent(value, 1));
    let CaseRates { plain, slowed, .. } = rates;
    vec![
        Cell::Text(rates.suite.clone()),
        Cell::Text(rates.case.clone()),
        percent(rates.spread),
        percent(rates.largest),
        Cell::Percent(rates.floor, 1),
        count(plain.comparisons),
        count(plain.regressed),
        count(plain.improved),
        of(plain.regressed, plain.comparisons),
        count(slowed.comparisons),
        count(slowed.regressed),
        of(slowed.regressed, slowed.comparisons),
        percent(rates.smallest.map(|(now, _)| now)),
        percent(rates.smallest.map(|(_, four)| four)),
    ]
}
