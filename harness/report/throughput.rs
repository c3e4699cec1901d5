//! Measurements of throughput as a table.

use super::table::{Cell, Heading, Table};
use crate::analysis::MeasuredSpeed;
use crate::record::Measurement;

const COLUMNS: [Heading; 14] = [
    Heading::new("suite", "suite"),
    Heading::new("case", "case"),
    Heading::detail("attempt"),
    Heading::new("samples_per_second", "samples/s"),
    Heading::new("spread", "± sd %"),
    Heading::new("step_milliseconds", "ms/step"),
    Heading::new("step_cpu_milliseconds", "CPU ms/step"),
    Heading::detail("step_device_milliseconds"),
    Heading::new("calibrated", "calibrated"),
    Heading::detail("processes"),
    Heading::detail("rounds"),
    Heading::detail("noisy_rounds"),
    Heading::new("noisy", "noisy"),
    Heading::new("steady", "steady"),
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
    let speed = MeasuredSpeed::of(measurement);
    let number = |value: Option<f64>, decimals| Cell::maybe(value, |value| Cell::Number(value, decimals));
    let processes = measurement.processes.len();
    vec![
        Cell::Text(measurement.trial.suite.to_string()),
        Cell::Text(measurement.trial.case.to_string()),
        Cell::Count(measurement.attempt.into()),
        number(speed.samples_per_second, 0),
        Cell::maybe(speed.spread, |spread| Cell::Percent(spread, 1)),
        number(speed.step_milliseconds, 3),
        number(speed.step_cpu_milliseconds, 3),
        number(speed.step_device_milliseconds, 3),
        number(speed.calibrated, 4),
        Cell::Count(processes as u64),
        Cell::Count(speed.rounds as u64),
        Cell::Count(speed.noisy_rounds as u64),
        Cell::Text(format!("{} of {}", speed.noisy_rounds, speed.rounds)),
        Cell::Text(format!("{} of {processes}", speed.steady_processes)),
    ]
}
