//! Whether the machine was left to a worker while it did a round.

use std::fs;
use std::time::Instant;

use sysinfo::System;

use super::host::CpuTime;
use crate::event::Timing;
use crate::record::Round;

/// A round is noisy if its process waited for a core for more than this fraction of its wall time.
const MOST_WAIT: f64 = 0.02;
/// A round is noisy if more than this fraction of all CPU time was taken by other virtual machines.
const MOST_STEAL: f64 = 0.02;

/// Watches the machine during a round of the worker with this process number.
#[derive(Debug)]
pub(super) struct NoiseWatch {
    worker: u32,
    begin: Instant,
    machine: Option<CpuTime>,
    used: f64,
    throttled: u64,
}

impl NoiseWatch {
    pub fn begin(worker: u32) -> Self {
        NoiseWatch {
            worker,
            begin: Instant::now(),
            machine: CpuTime::now(),
            used: cpu_seconds(worker),
            throttled: throttle_count(),
        }
    }

    /// Returns the round that the worker has timed since.
    pub fn end(self, timing: Timing) -> Round {
        let elapsed = self.begin.elapsed().as_secs_f64();
        let own = cpu_seconds(self.worker) - self.used;
        let machine = self.machine.zip(CpuTime::now());
        let steal = machine.and_then(|(begin, end)| end.stolen_since(begin));
        let foreign = machine.map_or(0.0, |(begin, end)| (end.busy_since(begin) - own).max(0.0) / elapsed);
        let throttled = throttle_count() > self.throttled;
        let waited = timing.wait_seconds > MOST_WAIT * timing.seconds;
        Round {
            steps: timing.steps,
            samples: timing.samples,
            seconds: timing.seconds,
            cpu_seconds: timing.cpu_seconds,
            device_seconds: timing.device_seconds,
            wait_seconds: timing.wait_seconds,
            slices: timing.slices,
            steal,
            foreign,
            load_average: System::load_average().map_or(0.0, |load| load.one),
            throttled,
            noisy: waited || throttled || steal.is_some_and(|steal| steal > MOST_STEAL),
        }
    }
}

/// CPU time of a process so far, in seconds; 0 where the system does not tell.
fn cpu_seconds(process: u32) -> f64 {
    let mut clock = 0;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: both results outlive the calls.
    let told = unsafe {
        libc::clock_getcpuclockid(process as libc::pid_t, &mut clock) == 0
            && libc::clock_gettime(clock, &mut time) == 0
    };
    if told { time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9 } else { 0.0 }
}

/// How often the processors have slowed themselves down for their temperature, all together; 0 where
/// they do not tell.
fn throttle_count() -> u64 {
    let processors = fs::read_dir("/sys/devices/system/cpu").into_iter().flatten().flatten();
    let counts = processors.filter_map(|processor| {
        let path = processor.path().join("thermal_throttle/core_throttle_count");
        fs::read_to_string(path).ok()?.trim().parse::<u64>().ok()
    });
    counts.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(wait_seconds: f64) -> Round {
        let timing = Timing {
            steps: 3,
            samples: 96,
            seconds: 1.0,
            cpu_seconds: 0.9,
            device_seconds: None,
            wait_seconds,
            slices: Vec::new(),
        };
        NoiseWatch::begin(std::process::id()).end(timing)
    }

    #[test]
    fn a_worker_that_waited_for_a_core_was_not_left_alone() {
        let waited = round(0.021);
        assert!(waited.noisy);
        assert_eq!((waited.steps, waited.samples, waited.seconds), (3, 96, 1.0));
    }

    #[test]
    fn the_cpu_time_of_a_process_passes() {
        let begin = cpu_seconds(std::process::id());
        let busy = Instant::now();
        while busy.elapsed().as_millis() < 20 {}
        assert!(cpu_seconds(std::process::id()) > begin);
    }
}
