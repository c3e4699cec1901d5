//! Measurements of throughput as a table.

use super::table::{Cell, Column, Table};
use crate::record::{Measurement, Process, Round};
use crate::stats::{Summary, location, median};

const COLUMNS: [Column; 14] = [
    Column::new("suite", "suite"),
    Column::new("case", "case"),
    Column::detail("attempt"),
    Column::new("samples_per_second", "samples/s"),
    Column::new("spread", "± sd %"),
    Column::new("step_milliseconds", "ms/step"),
    Column::new("step_cpu_milliseconds", "CPU ms/step"),
    Column::detail("step_device_milliseconds"),
    Column::new("calibrated", "calibrated"),
    Column::detail("processes"),
    Column::detail("rounds"),
    Column::detail("noisy_rounds"),
    Column::new("noisy", "noisy"),
    Column::new("steady", "steady"),
];

/// One row for each measurement; none where there is no measurement.
pub fn throughput(measurements: &[Measurement]) -> Option<Table> {
    if measurements.is_empty() {
        return None;
    }
    Some(Table {
        title: "throughput of training steps".to_owned(),
        columns: COLUMNS.to_vec(),
        labels: 2,
        rows: measurements.iter().map(row).collect(),
        notes: vec![
            "median over processes of each one's median over rounds; ± sd over processes".to_owned(),
            "calibrated: the fastest step in units of the calibration kernel, which takes up the machine's own changes"
                .to_owned(),
            "noisy: rounds in which the machine was not left alone; steady: processes that grew steady"
                .to_owned(),
        ],
    })
}

fn row(measurement: &Measurement) -> Vec<Cell> {
    let processes = &measurement.processes;
    let speeds = each(processes, |process| over(process, |round| round.samples as f64 / round.seconds));
    let spread = Summary::of(&speeds).and_then(|speeds| Some(speeds.deviation? / speeds.mean));
    let milliseconds = |time: &dyn Fn(&Round) -> f64| {
        let of = |process: &Process| over(process, |round| 1e3 * time(round) / f64::from(round.steps));
        Cell::maybe(median(&each(processes, of)), |time| Cell::Number(time, 3))
    };
    let rounds: Vec<&Round> = processes.iter().flat_map(|process| &process.rounds).collect();
    let on_device = rounds.iter().all(|round| round.device_seconds.is_some());
    let noisy = rounds.iter().filter(|round| round.noisy).count();
    let steady = processes.iter().filter(|process| process.steady).count();
    vec![
        Cell::Text(measurement.trial.suite.to_string()),
        Cell::Text(measurement.trial.case.to_string()),
        Cell::Count(measurement.attempt.into()),
        Cell::maybe(median(&speeds), |speed| Cell::Number(speed, 0)),
        Cell::maybe(spread, |spread| Cell::Percent(spread, 1)),
        milliseconds(&|round| round.seconds),
        milliseconds(&|round| round.cpu_seconds),
        if on_device {
            milliseconds(&|round| round.device_seconds.unwrap_or_default())
        } else {
            Cell::Missing
        },
        Cell::maybe(median(&each(processes, calibrated)), |ratio| Cell::Number(ratio, 4)),
        Cell::Count(processes.len() as u64),
        Cell::Count(rounds.len() as u64),
        Cell::Count(noisy as u64),
        Cell::Text(format!("{noisy} of {}", rounds.len())),
        Cell::Text(format!("{steady} of {}", processes.len())),
    ]
}

fn each(processes: &[Process], value: impl Fn(&Process) -> Option<f64>) -> Vec<f64> {
    processes.iter().filter_map(value).collect()
}

/// The median over a process's rounds.
fn over(process: &Process, value: impl Fn(&Round) -> f64) -> Option<f64> {
    median(&process.rounds.iter().map(value).collect::<Vec<_>>())
}

/// The fastest step of a process in units of the fastest run of the calibration kernel.
fn calibrated(process: &Process) -> Option<f64> {
    let least = |value: fn(&Round) -> f64| location(&process.rounds.iter().map(value).collect::<Vec<_>>());
    Some(least(Round::fastest_step)? / least(Round::fastest_calibration)?)
}
