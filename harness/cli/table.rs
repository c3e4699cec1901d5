//! `tchbench table`: what runs found, as tables.

use crate::app::exit::{Exit, Failure};
use crate::app::options::output::OutputOptions;
use crate::app::options::runs::PooledRuns;
use crate::app::tables::{self, ShownTables};
use crate::metrics::Metric;

/// Compare architectures over their seeds, from the records of runs
#[derive(Debug, clap::Args)]
#[command(mut_arg("format", |arg| arg.help("The form; csv and json hold full values and more columns")))]
pub(super) struct Args {
    #[command(flatten)]
    runs: PooledRuns,
    #[command(flatten)]
    output: OutputOptions,
    /// Each trial epoch by epoch
    #[arg(long)]
    epochs: bool,
    /// What each case costs, reaches and over-fits, without a ranking
    #[arg(long, conflicts_with = "epochs")]
    compare: bool,
    /// How often each class is taken for each, with recall and precision, over the seeds of each case
    #[arg(long, conflicts_with_all = ["epochs", "compare"])]
    confusion: bool,
    /// A metric of each case, such as macro-f1 or epochs-to-0.95, over its seeds (may be given several times)
    #[arg(long = "metric", value_name = "METRIC", conflicts_with_all = ["epochs", "compare", "confusion"])]
    metrics: Vec<Metric>,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let shown = if args.epochs {
        ShownTables::Epochs
    } else if args.compare {
        ShownTables::Comparison
    } else if args.confusion {
        ShownTables::Confusions
    } else if !args.metrics.is_empty() {
        let mut metrics: Vec<Metric> = Vec::new();
        for metric in args.metrics {
            if !metrics.contains(&metric) {
                metrics.push(metric);
            }
        }
        ShownTables::Metrics(metrics)
    } else {
        ShownTables::Architectures
    };
    Ok(tables::show(&args.runs.read()?, shown, args.output))
}
