//! What verdicts on throughput are worth on a machine, as a table.

use super::table::{Cell, Column, Table};
use crate::compare::{CaseRates, ComparisonCounts, FEWEST};
use crate::record::Calibration;

type RatesColumn = Column<'static, CaseRates>;

/// Returns a table with a row for each case, and below it what holds for all.
pub fn calibration(calibration: &Calibration, rates: &[CaseRates]) -> Table {
    let all = |of: fn(&CaseRates) -> ComparisonCounts, count: fn(ComparisonCounts) -> usize| {
        rates.iter().map(|rates| count(of(rates))).sum::<usize>()
    };
    let plain = |rates: &CaseRates| rates.plain;
    let slowed = |rates: &CaseRates| rates.slowed;
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
    Table::new("what a verdict on throughput is worth here", columns(), rates).with_notes(notes)
}

fn columns() -> Vec<RatesColumn> {
    let of = |some: usize, all: usize| {
        if all == 0 { Cell::Missing } else { Cell::Text(format!("{some} of {all}")) }
    };
    vec![
        RatesColumn::label("suite", "suite", |rates| Cell::text(&rates.suite)),
        RatesColumn::label("case", "case", |rates| Cell::text(&rates.case)),
        RatesColumn::new("spread", "± sd %", |rates| Cell::percent(rates.spread, 1)),
        RatesColumn::new("largest", "largest %", |rates| Cell::percent(rates.largest, 1)),
        RatesColumn::new("noise_floor", "floor %", |rates| Cell::percent(rates.floor, 1)),
        RatesColumn::detail("comparisons", |rates| Cell::count(rates.plain.comparisons)),
        RatesColumn::detail("false_alarms", |rates| Cell::count(rates.plain.regressed)),
        RatesColumn::detail("false_improvements", |rates| Cell::count(rates.plain.improved)),
        RatesColumn::new("alarms", "false alarms", move |rates| {
            of(rates.plain.regressed, rates.plain.comparisons)
        }),
        RatesColumn::detail("slowed", |rates| Cell::count(rates.slowed.comparisons)),
        RatesColumn::detail("found", |rates| Cell::count(rates.slowed.regressed)),
        RatesColumn::new("detected", "found", move |rates| {
            of(rates.slowed.regressed, rates.slowed.comparisons)
        }),
        RatesColumn::new("smallest", "smallest %", |rates| {
            Cell::percent(rates.smallest.map(|(now, _)| now), 1)
        }),
        RatesColumn::new("smallest_in_four", "in 4 x the time", |rates| {
            Cell::percent(rates.smallest.map(|(_, four)| four), 1)
        }),
    ]
}
