//! Measurements of throughput as a table.

use super::table::{Cell, Column, Table};
use crate::analysis::MeasuredSpeed;
use crate::record::Measurement;

type MeasurementColumn<'a> = Column<'static, (&'a Measurement, MeasuredSpeed)>;

/// Returns a table with a row for each measurement; `None` if there is no measurement.
pub fn throughput(measurements: &[Measurement]) -> Option<Table> {
    if measurements.is_empty() {
        return None;
    }
    let rows = measurements.iter().map(|measurement| (measurement, MeasuredSpeed::of(measurement)));
    let notes = [
        "median over processes of each one's median over rounds; ± sd over processes",
        "calibrated: the fastest step in units of the calibration kernel, which takes up the machine's own changes",
        "noisy: rounds in which the machine was not left alone; steady: processes that grew steady",
    ];
    Some(Table::new("throughput of training steps", columns(), rows).with_notes(notes))
}

fn columns<'a>() -> Vec<MeasurementColumn<'a>> {
    let of = |some: usize, all: usize| Cell::Text(format!("{some} of {all}"));
    vec![
        MeasurementColumn::label("suite", "suite", |(measurement, _)| Cell::text(&measurement.trial.suite)),
        MeasurementColumn::label("case", "case", |(measurement, _)| Cell::text(&measurement.trial.case)),
        MeasurementColumn::detail("attempt", |(measurement, _)| Cell::Count(measurement.attempt.into())),
        MeasurementColumn::new("samples_per_second", "samples/s", |(_, speed)| {
            Cell::number(speed.samples_per_second, 0)
        }),
        MeasurementColumn::new("spread", "± sd %", |(_, speed)| Cell::percent(speed.spread, 1)),
        MeasurementColumn::new("step_milliseconds", "ms/step", |(_, speed)| {
            Cell::number(speed.step_milliseconds, 3)
        }),
        MeasurementColumn::new("step_cpu_milliseconds", "CPU ms/step", |(_, speed)| {
            Cell::number(speed.step_cpu_milliseconds, 3)
        }),
        MeasurementColumn::detail("step_device_milliseconds", |(_, speed)| {
            Cell::number(speed.step_device_milliseconds, 3)
        }),
        MeasurementColumn::new("calibrated", "calibrated", |(_, speed)| Cell::number(speed.calibrated, 4)),
        MeasurementColumn::detail("processes", |(measurement, _)| Cell::count(measurement.processes.len())),
        MeasurementColumn::detail("rounds", |(_, speed)| Cell::count(speed.rounds)),
        MeasurementColumn::detail("noisy_rounds", |(_, speed)| Cell::count(speed.noisy_rounds)),
        MeasurementColumn::new("noisy", "noisy", move |(_, speed)| of(speed.noisy_rounds, speed.rounds)),
        MeasurementColumn::new("steady", "steady", move |(measurement, speed)| {
            of(speed.steady_processes, measurement.processes.len())
        }),
    ]
}
