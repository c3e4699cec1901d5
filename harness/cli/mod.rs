//! The command line: one file a verb. Data goes to stdout, everything else to stderr.

mod ab;
mod baseline;
mod calibrate;
mod check;
mod claims;
mod compute;
mod confirm;
mod data;
mod diff;
mod env;
mod exit;
mod explain;
mod history;
mod inspect;
mod list;
mod measure;
mod nightly;
mod page;
mod params;
mod picture;
mod plot;
mod records;
mod replay;
mod robustness;
mod run;
mod suites;
mod table;
#[cfg(feature = "torch")]
mod worker;

use std::io::Write;

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
    Run(run::Args),
    Check(check::Args),
    List(list::Args),
    Params(params::Args),
    Table(table::Args),
    Claims(claims::Args),
    Plot(plot::Args),
    Page(page::Args),
    History(history::Args),
    Measure(measure::Args),
    Nightly(nightly::Args),
    Ab(ab::Args),
    Replay(replay::Args),
    Robustness(robustness::Args),
    Explain(explain::Args),
    Inspect(inspect::Args),
    Diff(diff::Args),
    Calibrate(calibrate::Args),
    Baseline(baseline::Args),
    Data(data::Args),
    Env(env::Args),
    /// Trains or measures one trial for the other verbs.
    #[cfg(feature = "torch")]
    #[command(hide = true)]
    Worker,
}

impl Cli {
    /// Does what was asked.
    pub fn execute(self) -> Ended {
        match self.verb {
            Verb::Run(args) => run::execute(args),
            Verb::Check(args) => check::execute(args),
            Verb::List(args) => list::execute(args),
            Verb::Params(args) => params::execute(args),
            Verb::Table(args) => table::execute(args),
            Verb::Page(args) => page::execute(args),
            Verb::Plot(args) => plot::execute(args),
            Verb::Claims(args) => claims::execute(args),
            Verb::History(args) => history::execute(args),
            Verb::Measure(args) => measure::execute(args),
            Verb::Nightly(args) => nightly::execute(args),
            Verb::Ab(args) => ab::execute(args),
            Verb::Replay(args) => replay::execute(args),
            Verb::Robustness(args) => robustness::execute(args),
            Verb::Explain(args) => explain::execute(args),
            Verb::Inspect(args) => inspect::execute(args),
            Verb::Diff(args) => diff::execute(args),
            Verb::Calibrate(args) => calibrate::execute(args),
            Verb::Baseline(args) => args.execute(),
            Verb::Data(args) => args.execute(),
            Verb::Env(args) => env::execute(args),
            #[cfg(feature = "torch")]
            Verb::Worker => worker::execute(),
        }
    }
}

/// Writes data to stdout. A reader that has seen enough (`| head`) is no failure.
fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Internal, format!("stdout: cannot write: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_verb_has_options_that_do_not_clash() {
        super::Cli::command().debug_assert();
    }
}
