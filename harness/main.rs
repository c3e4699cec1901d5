//! Parse, dispatch, exit code.

use std::process::ExitCode;

use clap::Parser;
use tchbench::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().execute() {
        Ok(exit) => exit.into(),
        Err(failure) => {
            eprintln!("error: {failure}");
            failure.exit.into()
        }
    }
}
