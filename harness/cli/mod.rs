//! The command line: one file a verb. Data goes to stdout, everything else to stderr.

mod compute;
mod env;
mod exit;

use clap::{Parser, Subcommand};

pub use exit::{Exit, Failure};

/// What a verb ends with: an exit code, or a failure with its own.
pub type Ended = Result<Exit, Failure>;

/// Fixed-seed training suites on libtorch: recorded, compared, reproducible.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Env(env::Args),
}

impl Cli {
    /// Does what was asked.
    pub fn execute(self) -> Ended {
        match self.verb {
            Verb::Env(args) => args.execute(),
        }
    }
}
