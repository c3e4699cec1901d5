//! `tchbench inspect`: what a trained network does, as data and as pictures.

use clap::Subcommand;

use crate::app::exit::{Exit, Failure};
use crate::app::inspect::options::{InspectOptions, OneRecord};
use crate::app::inspect::{output, views};
use crate::report::inspect::ViewFinding;
use crate::report::{TableFormat, render, terminal_width};
use crate::terminal::print;

/// Look into trained networks: answers step by step, gates, gradients, mistakes
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    view: ViewVerb,
}

#[derive(Debug, Subcommand)]
enum ViewVerb {
    /// The probabilities of the classes after every time step of a sample (also as a page: --out FILE.html)
    Steps(SampleArgs),
    /// The outputs of the recurrent layers over time, beside the sample
    Hidden(SampleArgs),
    /// The gates and states of LSTM and GRU layers over time
    Gates(SampleArgs),
    /// What samples are taken for after each of the last five time steps, and the test accuracy there
    LastSteps {
        #[command(flatten)]
        record: OneRecord,
        /// Samples: the first so many of the trial's test samples
        #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=100))]
        count: u32,
    },
    /// How much the last output depends on the input of each time step, at initial and trained weights
    Gradients {
        /// Records' .json files, or RUN/SUITE/CASE/SEED: a line each
        #[arg(required = true, value_name = "RECORD")]
        records: Vec<String>,
        #[command(flatten)]
        options: InspectOptions,
        /// The mean is over the first so many of the trial's test samples
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        count: u32,
    },
    /// Test samples that are taken for another class, the surest mistakes first
    Mistakes {
        #[command(flatten)]
        record: OneRecord,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=1000))]
        count: u32,
    },
    /// How often each class is taken for each
    Confusion {
        #[command(flatten)]
        record: OneRecord,
        /// The form on stdout
        #[arg(long, value_enum, default_value = "text", conflicts_with_all = ["out", "keep"])]
        format: TableFormat,
    },
    /// Training images of every class, before and after what the trial does to them
    Samples {
        #[command(flatten)]
        record: OneRecord,
        /// Of each class: the first so many that the trial trains on
        #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=20))]
        count: u32,
    },
}

/// A trial's record, and one of its samples.
#[derive(Debug, clap::Args)]
struct SampleArgs {
    #[command(flatten)]
    record: OneRecord,
    /// Index in the dataset's test split, from 0 [default: the first that the trial is tested on]
    #[arg(long, value_name = "N")]
    sample: Option<u32>,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let (record, options) = args.view.asked();
    if !matches!(args.view, ViewVerb::Steps(_)) {
        output::refuse_page(options)?;
    }
    let keep = output::keep(options, record)?;
    let found = match &args.view {
        ViewVerb::Steps(SampleArgs { record, sample }) => views::steps(record, *sample)?,
        ViewVerb::Hidden(SampleArgs { record, sample }) => views::hidden(record, *sample)?,
        ViewVerb::Gates(SampleArgs { record, sample }) => views::gates(record, *sample)?,
        ViewVerb::LastSteps { record, count } => views::last_steps(record, *count)?,
        ViewVerb::Gradients { records, options, count } => views::gradients(records, options, *count)?,
        ViewVerb::Mistakes { record, count } => views::mistakes(record, *count)?,
        ViewVerb::Confusion { record, .. } => views::confusion(record)?,
        ViewVerb::Samples { record, count } => views::samples(record, *count)?,
    };
    match (&found, &args.view) {
        (ViewFinding::Confusion(confusion), ViewVerb::Confusion { format, .. })
            if options.out.is_none() && keep.is_none() =>
        {
            print(&render(&[confusion.table()], *format, terminal_width()));
            Ok(Exit::Success)
        }
        _ => output::put(options, keep, found),
    }
}

impl ViewVerb {
    /// Returns the record (the first, where there are several) and the options.
    fn asked(&self) -> (&str, &InspectOptions) {
        match self {
            ViewVerb::Steps(of) | ViewVerb::Hidden(of) | ViewVerb::Gates(of) => {
                (&of.record.record, &of.record.options)
            }
            ViewVerb::LastSteps { record, .. }
            | ViewVerb::Mistakes { record, .. }
            | ViewVerb::Confusion { record, .. }
            | ViewVerb::Samples { record, .. } => (&record.record, &record.options),
            ViewVerb::Gradients { records, options, .. } => {
                (records.first().map_or("", String::as_str), options)
            }
        }
    }
}
