//! How fast each process of a measurement was.

use crate::record::Throughput;
use crate::stats::location;

/// Returns the time of each process: the fastest slice of all its rounds, in units of the fastest run of the
/// calibration kernel. Returns `None` if a process has none.
pub fn locations(attempts: &[Throughput], calibrated: bool) -> Option<Vec<f64>> {
    let process = |(step, calibration): (&Vec<f64>, &Vec<f64>)| {
        let unit = if calibrated { location(calibration)? } else { 1.0 };
        Some(location(step)? / unit).filter(|time| time.is_finite())
    };
    attempts
        .iter()
        .flat_map(|attempt| attempt.step_seconds.iter().zip(&attempt.calibration_seconds))
        .map(process)
        .collect()
}
