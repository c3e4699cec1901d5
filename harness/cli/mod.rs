//! The command line: one file a verb. Data goes to stdout, everything else to stderr.

mod ab;
mod baseline;
mod bisect;
mod calibrate;
mod check;
mod claims;
mod completions;
mod data;
mod diff;
mod env;
mod explain;
mod export;
mod history;
mod inspect;
mod list;
mod man;
mod measure;
mod merge;
mod nightly;
mod page;
mod params;
mod plot;
mod replay;
mod report;
mod robustness;
mod run;
mod schema;
mod slurm;
mod table;
#[cfg(feature = "torch")]
mod worker;

use std::panic;

use clap::{CommandFactory, Parser, Subcommand};

use crate::terminal::{self, print, tell};

pub use crate::app::exit::{Exit, Failure};

/// Fixed-seed training suites on libtorch: recorded, compared, reproducible.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::Args),
    Merge(merge::Args),
    Slurm(slurm::Args),
    Check(check::Args),
    List(list::Args),
    Params(params::Args),
    Table(table::Args),
    Claims(claims::Args),
    Plot(plot::Args),
    Page(page::Args),
    Export(export::Args),
    Report(report::Args),
    History(history::Args),
    Measure(measure::Args),
    Nightly(nightly::Args),
    Ab(ab::Args),
    Bisect(bisect::Args),
    Replay(replay::Args),
    Robustness(robustness::Args),
    Explain(explain::Args),
    Inspect(inspect::Args),
    Diff(diff::Args),
    Calibrate(calibrate::Args),
    Baseline(baseline::Args),
    Data(data::Args),
    Env(env::Args),
    Schema(schema::Args),
    Completions(completions::Args),
    Man(man::Args),
    /// Trains or measures one trial for the other verbs.
    #[cfg(feature = "torch")]
    #[command(hide = true)]
    Worker,
}

impl Cli {
    fn execute(self) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Run(args) => run::execute(args),
            Verb::Merge(args) => merge::execute(args),
            Verb::Slurm(args) => slurm::execute(args),
            Verb::Check(args) => check::execute(args),
            Verb::List(args) => list::execute(args),
            Verb::Params(args) => params::execute(args),
            Verb::Table(args) => table::execute(args),
            Verb::Page(args) => page::execute(args),
            Verb::Export(args) => export::execute(args),
            Verb::Report(args) => report::execute(args),
            Verb::Plot(args) => plot::execute(args),
            Verb::Claims(args) => claims::execute(args),
            Verb::History(args) => history::execute(args),
            Verb::Measure(args) => measure::execute(args),
            Verb::Nightly(args) => nightly::execute(args),
            Verb::Ab(args) => ab::execute(args),
            Verb::Bisect(args) => bisect::execute(args),
            Verb::Replay(args) => replay::execute(args),
            Verb::Robustness(args) => robustness::execute(args),
            Verb::Explain(args) => explain::execute(args),
            Verb::Inspect(args) => inspect::execute(args),
            Verb::Diff(args) => diff::execute(args),
            Verb::Calibrate(args) => calibrate::execute(args),
            Verb::Baseline(args) => args.execute(),
            Verb::Data(args) => args.execute(),
            Verb::Env(args) => env::execute(args),
            Verb::Schema(args) => schema::execute(args),
            Verb::Completions(args) => completions::execute(args, Cli::command()),
            Verb::Man(args) => man::execute(args, Cli::command()),
            #[cfg(feature = "torch")]
            Verb::Worker => worker::execute(),
        }
    }
}

/// Does what the command line asks for, and returns the exit code that the process is to end with.
pub fn main() -> Exit {
    terminal::tell_panics();
    // SAFETY: nothing else runs yet. A file beyond `ulimit -f` is then an error, also in workers, which inherit
    // this, and not the end of the process.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    match panic::catch_unwind(parse_and_execute).unwrap_or(Exit::Internal) {
        Exit::Success if terminal::is_output_lost() => Exit::Internal,
        exit => exit,
    }
}

fn parse_and_execute() -> Exit {
    let ended = match Cli::try_parse() {
        Ok(cli) => cli.execute(),
        Err(error) if error.use_stderr() => {
            tell!("{}", error.to_string().trim_end());
            return Exit::Usage;
        }
        Err(help) => {
            print(&help.to_string());
            return Exit::Success;
        }
    };
    ended.unwrap_or_else(|failure| {
        tell!("error: {failure}");
        failure.exit
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn every_verb_has_options_that_do_not_clash() {
        super::Cli::command().debug_assert();
    }
}
