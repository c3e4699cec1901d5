//! `tchbench completions`: what a shell needs to complete a command line.

use clap::Command;
use clap_complete::{Shell, generate};

use crate::app::exit::{Exit, Failure};
use crate::terminal::print;

/// Print a script that completes command lines in a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The shell that is to complete.
    #[arg(value_enum, help = "The shell")]
    shell: Shell,
}

pub(super) fn execute(args: Args, mut command: Command) -> Result<Exit, Failure> {
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    generate(args.shell, &mut command, name, &mut script);
    print(&String::from_utf8_lossy(&script));
    Ok(Exit::Success)
}
