//! `tchbench man`: manual pages.

use std::path::PathBuf;

use clap::Command;
use clap_mangen::Man;

use crate::app::exit::{Exit, Failure};
use crate::record::write_bytes;

/// Write a manual page of the program and of each verb into a folder
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder, such as share/man/man1
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn execute(args: Args, mut command: Command) -> Result<Exit, Failure> {
    command.build();
    let pages = pages(&command);
    for (name, page) in &pages {
        write_bytes(&args.folder.join(format!("{name}.1")), page)?;
    }
    Ok(Exit::Success)
}

/// Returns the pages of a command and of those below it that are shown, each with its name.
fn pages(command: &Command) -> Vec<(String, Vec<u8>)> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    let mut page = Vec::new();
    // Memory takes all of it.
    let _ = Man::new(command.clone()).render(&mut page);
    let below = command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help");
    std::iter::once((name, page)).chain(below.flat_map(pages)).collect()
}
