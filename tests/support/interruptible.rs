//! Programs that a test interrupts.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// Gives SIGHUP, SIGINT and SIGTERM their usual effect on the command: whatever started the tests may have had them
/// ignored, as a script does for what it runs in the background.
pub fn interruptible(command: &mut Command) -> &mut Command {
    // SAFETY: signal may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGTERM] {
                libc::signal(signal, libc::SIG_DFL);
            }
            Ok(())
        })
    }
}
