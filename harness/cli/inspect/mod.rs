//! `tchbench inspect`: what a trained network does, as data and as pictures.

mod network;
mod output;
mod views;

use std::path::PathBuf;

use clap::Subcommand;

use self::output::{Out, name, out, put};
use crate::app::exit::{Exit, Failure};
use crate::app::options::compute;
use crate::app::results::RESULTS;
use crate::recipe::Device;
use crate::record::Which;
use crate::report::inspect::Finding;
use crate::report::{Format, render, terminal_width};
use crate::terminal::print;

/// Look into trained networks: answers step by step, gates, gradients, mistakes
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    view: View,
}

#[derive(Debug, Subcommand)]
enum View {
    /// The probabilities of the classes after every time step of a sample (also as a page: --out FILE.html)
    Steps(OfSample),
    /// The outputs of the recurrent layers over time, beside the sample
    Hidden(OfSample),
    /// The gates and states of LSTM and GRU layers over time
    Gates(OfSample),
    /// What samples are taken for after each of the last five time steps, and the test accuracy there
    LastSteps {
        #[command(flatten)]
        record: One,
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
        options: Options,
        /// The mean is over the first so many of the trial's test samples
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        count: u32,
    },
    /// Test samples that are taken for another class, the surest mistakes first
    Mistakes {
        #[command(flatten)]
        record: One,
        /// At most so many
        #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=1000))]
        count: u32,
    },
    /// How often each class is taken for each
    Confusion {
        #[command(flatten)]
        record: One,
        /// The form on stdout
        #[arg(long, value_enum, default_value = "text", conflicts_with_all = ["out", "keep"])]
        format: Format,
    },
    /// Training images of every class, before and after what the trial does to them
    Samples {
        #[command(flatten)]
        record: One,
        /// Of each class: the first so many that the trial trains on
        #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=20))]
        count: u32,
    },
}

/// A trial's record, and one of its samples.
#[derive(Debug, clap::Args)]
struct OfSample {
    #[command(flatten)]
    record: One,
    /// Index in the dataset's test split, from 0 [default: the first that the trial is tested on]
    #[arg(long, value_name = "N")]
    sample: Option<u32>,
}

/// A trial's record.
#[derive(Debug, clap::Args)]
struct One {
    /// A record's .json file, or RUN/SUITE/CASE/SEED, of a run with --keep-weights
    record: String,
    #[command(flatten)]
    options: Options,
}

#[derive(Clone, Debug, clap::Args)]
struct Options {
    /// Which of the trial's weights
    #[arg(long, value_enum, default_value = "best")]
    weights: Which,
    /// A .json, .svg or .png file in place of JSON on stdout
    #[arg(long, value_name = "FILE", value_parser = out)]
    out: Option<Out>,
    /// Keep it in the run's folder, as inspect/NAME.json: the page of experiments shows what is there
    #[arg(long, value_name = "NAME", value_parser = name)]
    keep: Option<String>,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = RESULTS)]
    results: PathBuf,
    /// Where datasets are searched first
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// cpu, cuda or cuda:N [default: as the record says]
    #[arg(long, value_parser = compute::device)]
    device: Option<Device>,
    /// The program that computes, called with the argument `worker`
    #[arg(long, hide = true)]
    worker: Option<PathBuf>,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let (record, options) = args.view.asked();
    if !matches!(args.view, View::Steps(_)) {
        output::refuse_page(options)?;
    }
    let keep = output::keep(options, record)?;
    let found = match &args.view {
        View::Steps(OfSample { record, sample }) => views::steps(record, *sample)?,
        View::Hidden(OfSample { record, sample }) => views::hidden(record, *sample)?,
        View::Gates(OfSample { record, sample }) => views::gates(record, *sample)?,
        View::LastSteps { record, count } => views::last_steps(record, *count)?,
        View::Gradients { records, options, count } => views::gradients(records, options, *count)?,
        View::Mistakes { record, count } => views::mistakes(record, *count)?,
        View::Confusion { record, .. } => views::confusion(record)?,
        View::Samples { record, count } => views::samples(record, *count)?,
    };
    match (&found, &args.view) {
        (Finding::Confusion(confusion), View::Confusion { format, .. })
            if options.out.is_none() && keep.is_none() =>
        {
            print(&render(&[confusion.table()], *format, terminal_width()));
            Ok(Exit::Success)
        }
        _ => put(options, keep, found),
    }
}

impl View {
    /// The record (the first, where there are several) and the options.
    fn asked(&self) -> (&str, &Options) {
        match self {
            View::Steps(of) | View::Hidden(of) | View::Gates(of) => (&of.record.record, &of.record.options),
            View::LastSteps { record, .. }
            | View::Mistakes { record, .. }
            | View::Confusion { record, .. }
            | View::Samples { record, .. } => (&record.record, &record.options),
            View::Gradients { records, options, .. } => (records.first().map_or("", String::as_str), options),
        }
    }
}
