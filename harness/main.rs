//! Parse, dispatch, exit code.

use std::io::Write;

use clap::Parser;
use tchbench::cli::Cli;

fn main() -> ! {
    let exit = Cli::parse().execute().unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        failure.exit
    });
    // What cannot be printed any more was told by those who printed.
    let _ = std::io::stdout().flush();
    // SAFETY: nothing is left to run at exit but libtorch's destructors, which take a third of a short
    // command's time to free what the system takes back anyway.
    unsafe { libc::_exit(exit as i32) }
}
