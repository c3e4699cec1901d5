//! The one place that writes to stdout and stderr. What cannot be written never ends work, and no control
//! character but tabs and line ends is written as it is.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{FileType, fstat};
use rustix::io::Errno;

use crate::escape::terminal::text as safe;

/// Tells people something on stderr, as `eprintln!` would, but goes on if that cannot be written.
macro_rules! tell {
    ($($message:tt)*) => { $crate::terminal::tell_line(format_args!($($message)*)) };
}
pub(crate) use tell;

static OUTPUT_IS_LOST: AtomicBool = AtomicBool::new(false);

/// Writes data to stdout. If it cannot be written, that is told once and [`is_output_lost`]; a reader that
/// has seen enough (`| head`) and a terminal that was closed are no failures.
pub fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let Err(error) = stdout.write_all(safe(text).as_bytes()).and_then(|()| stdout.flush()) else { return };
    if !is_reader_gone(&error) && !OUTPUT_IS_LOST.swap(true, Ordering::Relaxed) {
        tell!("error: stdout: cannot write: {error}");
    }
}

/// Returns whether something that was given to [`print()`] could not be written.
pub fn is_output_lost() -> bool {
    OUTPUT_IS_LOST.load(Ordering::Relaxed)
}

fn is_reader_gone(error: &io::Error) -> bool {
    let is_terminal =
        || fstat(io::stdout()).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_char_device());
    match error.kind() {
        ErrorKind::BrokenPipe => true,
        _ => error.raw_os_error() == Some(Errno::IO.raw_os_error()) && is_terminal(),
    }
}

/// Tells people something on stderr, on lines of its own; see `tell!`.
pub fn tell_line(message: Arguments) {
    // One call, so that lines of several processes do not mix. Nobody is left to be told of a failure.
    let _ = io::stderr().lock().write_all(safe(&format!("{message}\n")).as_bytes());
}

/// Tells people from now on of panics, which are faults of this program.
pub fn tell_panics() {
    panic::set_hook(Box::new(|panicked| {
        let backtrace = Backtrace::capture();
        match backtrace.status() {
            BacktraceStatus::Captured => tell!("error: a fault of tchbench: {panicked}\n{backtrace}"),
            _ => tell!("error: a fault of tchbench: {panicked}"),
        }
    }));
}
