//! The machine, and what else it is doing.

use std::fs;
use std::num::NonZero;
use std::thread::available_parallelism;

use sysinfo::System;

use crate::record::{Host, Load};

/// Returns how many cores this process may use: its affinity and its cgroup limit them.
pub fn cores() -> u32 {
    available_parallelism().map_or(1, NonZero::get).try_into().unwrap_or(u32::MAX)
}

/// Returns the machine's part of a fingerprint; what the system does not tell is `unknown`.
pub fn host() -> Host {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let unknown = || "unknown".to_owned();
    Host {
        cpu: cpu_field(&cpuinfo, "model name").map_or_else(unknown, str::to_owned),
        cpu_model: cpu_model(&cpuinfo).unwrap_or_else(unknown),
        cores: cores(),
        memory: memory(),
        os: System::long_os_version().unwrap_or_else(|_| unknown()),
        kernel: System::kernel_version().unwrap_or_else(|_| unknown()),
    }
}

/// Of the machine, or as much of it as the cgroup allows, to the nearest 64 MiB: firmware keeps a little more
/// or less of it from one start to the next. 0 where the system does not tell.
fn memory() -> u64 {
    let Ok(mut system) = System::new() else { return 0 };
    system.refresh_memory();
    let limit = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
    const UNIT: u64 = 64 << 20;
    (system.total_memory().min(limit) + UNIT / 2) / UNIT * UNIT
}

fn cpu_model(cpuinfo: &str) -> Option<String> {
    let field = |name| cpu_field(cpuinfo, name);
    Some(format!(
        "{} family {} model {} stepping {}",
        field("vendor_id")?,
        field("cpu family")?,
        field("model")?,
        field("stepping")?
    ))
}

/// A field of the first processor in `/proc/cpuinfo`.
fn cpu_field<'a>(cpuinfo: &'a str, name: &str) -> Option<&'a str> {
    cpuinfo
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim_end() == name)
        .map(|(_, value)| value.trim())
}

/// Watches the machine's load from now on; a load average is 0 where the system does not tell.
#[derive(Clone, Copy, Debug)]
pub struct LoadWatch {
    load_average: f64,
    begin: Option<CpuTime>,
}

impl LoadWatch {
    /// Begins to watch the load.
    pub fn begin() -> Self {
        LoadWatch { load_average: System::load_average().map_or(0.0, |load| load.one), begin: CpuTime::now() }
    }

    /// Returns the load since it began to watch.
    pub fn end(self) -> Load {
        let steal = self.begin.zip(CpuTime::now()).and_then(|(begin, end)| end.stolen_since(begin));
        Load { load_average: self.load_average, steal }
    }
}

/// Time of all processors since boot, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CpuTime {
    total: u64,
    idle: u64,
    steal: u64,
}

impl CpuTime {
    /// Returns the time until now. Returns `None` if the system does not tell.
    pub fn now() -> Option<Self> {
        CpuTime::parse(&fs::read_to_string("/proc/stat").ok()?)
    }

    /// The first line of `/proc/stat` (proc_stat(5)): user, nice, system, idle, iowait, irq,
    /// softirq, steal; the guest times after them are part of user and nice.
    fn parse(stat: &str) -> Option<Self> {
        let line = stat.lines().next()?.strip_prefix("cpu ")?;
        let ticks: Vec<u64> =
            line.split_whitespace().take(8).map(str::parse).collect::<Result<_, _>>().ok()?;
        let idle = ticks.get(3)? + ticks.get(4)?;
        Some(CpuTime { total: ticks.iter().sum(), idle, steal: *ticks.get(7)? })
    }

    /// Returns the CPU time that all processes have used since `begin`, in seconds; a tick is 0.01 s.
    pub fn busy_since(self, begin: CpuTime) -> f64 {
        let busy = |time: CpuTime| time.total.saturating_sub(time.idle + time.steal);
        // SAFETY: it takes an integer.
        let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1);
        busy(self).saturating_sub(busy(begin)) as f64 / ticks as f64
    }

    /// Returns the fraction of all processors' time that other virtual machines have taken since `begin`.
    pub fn stolen_since(self, begin: CpuTime) -> Option<f64> {
        let total = self.total.checked_sub(begin.total).filter(|&total| total > 0)?;
        // The kernel's counters do not all move at once.
        Some((self.steal.saturating_sub(begin.steal) as f64 / total as f64).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CPUINFO: &str = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 167\n\
        model name\t: Intel(R) Xeon(R) Processor\nstepping\t: 1\n\nprocessor\t: 1\nmodel\t\t: 9\n";

    #[test]
    fn processors_of_one_brand_are_told_apart() {
        assert_eq!(cpu_field(CPUINFO, "model name"), Some("Intel(R) Xeon(R) Processor"));
        assert_eq!(cpu_model(CPUINFO).as_deref(), Some("GenuineIntel family 6 model 167 stepping 1"));
        assert_eq!(cpu_model("CPU implementer\t: 0x41\n"), None);
    }

    #[test]
    fn steal_is_a_fraction_of_all_time_between_two_readings() {
        let begin = CpuTime::parse("cpu  100 0 50 800 10 0 0 40 7 0\ncpu0 1 2\n").unwrap();
        let end = CpuTime::parse("cpu  150 0 60 820 10 0 0 60 7 0\n").unwrap();
        assert_eq!(end.stolen_since(begin), Some(0.2));
        assert_eq!(end.stolen_since(end), None);
        assert_eq!(end.busy_since(begin), 0.6);
        assert_eq!(CpuTime::parse("cpu  100 0 50 800\n"), None);
    }
}
