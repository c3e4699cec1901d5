//! The ways in which a worker fails, told to people.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use rustix::io::Errno;
use rustix::process::Signal;

/// Why a worker's answer is not whole.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The program cannot be started.
    #[error("cannot start the worker {}: {source}", program.display())]
    Start {
        /// The program of the worker.
        program: PathBuf,
        /// Why the system refused it.
        source: io::Error,
    },
    /// What is asked of it has no form that it reads.
    #[error("the worker cannot be asked: {0}; a folder's path must be UTF-8")]
    Request(io::Error),
    /// The machine has no room for another process, which is no trial's fault.
    #[error(
        "cannot start another worker: {0}; end other programs, raise this one's limits (`ulimit -n` files, \
         `ulimit -u` processes) or run fewer --jobs"
    )]
    Shortage(io::Error),
    /// The worker gave up by itself.
    #[error("{error}")]
    Reported {
        /// The reason, in its own words.
        error: String,
        /// Whether memory ran out.
        out_of_memory: bool,
    },
    /// It cannot believe the trial's checkpoint.
    #[error("{error}")]
    Refused {
        /// The reason, in its own words.
        error: String,
    },
    /// It said what it must not.
    #[error("the worker was stopped: {what}{tail}")]
    Protocol {
        /// What the worker said.
        what: String,
        /// The end of its stderr.
        tail: String,
    },
    /// It ended too early, or badly.
    #[error("the worker {how}{tail}")]
    BadExit {
        /// How the worker ended.
        how: String,
        /// Whether the kernel killed a process for memory meanwhile.
        out_of_memory: bool,
        /// The end of its stderr.
        tail: String,
    },
    /// It ended well, but did not say all that was asked.
    #[error("the worker ended before it had finished")]
    Incomplete,
    /// The run was interrupted, and the worker with it.
    #[error("interrupted")]
    Interrupted,
}

impl Fault {
    /// Returns why `program` cannot be started.
    pub(super) fn start(program: &Path, source: io::Error) -> Self {
        match Errno::from_io_error(&source) {
            Some(Errno::MFILE | Errno::NFILE | Errno::AGAIN | Errno::NOMEM) => Fault::Shortage(source),
            _ => Fault::Start { program: program.to_owned(), source },
        }
    }

    /// Returns whether memory ran out.
    pub fn is_out_of_memory(&self) -> bool {
        matches!(
            self,
            Fault::Reported { out_of_memory: true, .. } | Fault::BadExit { out_of_memory: true, .. }
        )
    }
}

/// Returns how a worker ended that did not end well.
pub(super) fn describe(status: ExitStatus, out_of_memory: bool) -> String {
    match (status.signal(), status.code()) {
        (Some(libc::SIGABRT), _) if out_of_memory => {
            "aborted itself because memory ran out (SIGABRT); run fewer --jobs".to_owned()
        }
        (Some(signal), _) if out_of_memory => {
            format!("was killed by the kernel because memory ran out (signal {signal}); run fewer --jobs")
        }
        (Some(signal), _) if signal == Signal::KILL.as_raw() => {
            "was killed (SIGKILL): by hand, or by a limit on its memory or time".to_owned()
        }
        (Some(signal), _) => {
            let core = if status.core_dumped() { ", core dumped" } else { "" };
            format!("crashed: {} (signal {signal}{core})", signal_name(signal))
        }
        (None, code) => format!("ended with exit code {}", code.unwrap_or_default()),
    }
}

fn signal_name(signal: i32) -> &'static str {
    match signal {
        libc::SIGSEGV => "SIGSEGV, a bad memory access",
        libc::SIGABRT => "SIGABRT, it aborted itself",
        libc::SIGILL => "SIGILL, an instruction this processor does not have",
        libc::SIGBUS => "SIGBUS, a bad memory access",
        libc::SIGFPE => "SIGFPE, bad arithmetic",
        libc::SIGTERM => "SIGTERM, it was asked to end",
        libc::SIGXCPU => "SIGXCPU, beyond its limit of processor time (`ulimit -t`)",
        libc::SIGXFSZ => "SIGXFSZ, a file beyond its limit of size (`ulimit -f`)",
        _ => "killed by a signal",
    }
}

/// Returns whether these are the last words of a process that gave up for want of memory, be they Rust's or
/// C++'s.
pub(super) fn tells_of_memory(words: &str) -> bool {
    words.lines().any(|line| {
        line.contains("std::bad_alloc")
            || line.contains("memory allocation of ") && line.trim_end().ends_with(" bytes failed")
    })
}

/// Returns how many processes the kernel has killed for memory since it started; 0 if it does not tell.
pub(super) fn memory_kills() -> u64 {
    let counters = std::fs::read_to_string("/proc/vmstat").unwrap_or_default();
    let count = counters.lines().find_map(|line| line.strip_prefix("oom_kill "));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_room_is_told_from_a_program_that_cannot_run() {
        let start = |errno: Errno| Fault::start(Path::new("worker"), errno.into());
        for errno in [Errno::MFILE, Errno::NFILE, Errno::AGAIN, Errno::NOMEM] {
            assert!(matches!(start(errno), Fault::Shortage(_)), "{errno}");
        }
        for errno in [Errno::NOENT, Errno::ACCESS, Errno::NOEXEC, Errno::TXTBSY] {
            assert!(matches!(start(errno), Fault::Start { .. }), "{errno}");
        }
    }
}
