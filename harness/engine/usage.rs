//! What this process has used: CPU time and memory; and how it is to hand memory out.

use std::fs;

use rustix::time::{ClockId, clock_gettime};

/// Returns the CPU time of the process so far, in seconds.
pub fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Returns how long this process's threads have been ready to run and did not, all together, in seconds: the second
/// field of each one's `schedstat` (Linux, Documentation/scheduler/sched-stats.rst); 0 where the system does not tell.
pub fn wait_seconds() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let wait = tasks.filter_map(|task| {
        let statistics = fs::read_to_string(task.path().join("schedstat")).ok()?;
        statistics.split_whitespace().nth(1)?.parse::<f64>().ok()
    });
    wait.sum::<f64>() * 1e-9
}

/// Returns the peak resident memory of the process, in bytes; 0 where the system does not tell.
pub fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Has malloc keep what it once got from the system. A training step frees and asks again for the
/// same large blocks; mapping and unmapping them each time, and having the kernel zero their pages,
/// costs more than the arithmetic in them.
pub fn keep_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt takes integers; a value it does not know it ignores.
    unsafe {
        const M_MMAP_MAX: libc::c_int = -4;
        libc::mallopt(M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, libc::c_int::MAX);
        libc::mallopt(libc::M_TOP_PAD, 64 << 20);
    }
}
