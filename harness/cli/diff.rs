//! `tchbench diff`: whether a run is worse than its baseline.

use crate::app::baselines::of_run;
use crate::app::confirm::{ConfirmOptions, confirm};
use crate::app::diff::{BaselineChoice, RunComparison};
use crate::app::exit::{Exit, Failure};
use crate::app::options::folders::BaselinesFolder;
use crate::app::options::policy::Policy;
use crate::app::options::runs::OneRun;
use crate::app::options::selection::FilterOptions;
use crate::app::options::terms::TermsOptions;
use crate::report::{FindingsFormat, terminal_width};
use crate::terminal::print;

/// Say case by case whether a run's accuracy or throughput is worse than a baseline's
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A baseline's file, or another run [default: that of each suite and the run's class of devices]
    #[arg(long, value_name = "FILE|RUN")]
    baseline: Option<String>,
    #[command(flatten)]
    baselines: BaselinesFolder,
    #[command(flatten)]
    run: OneRun,
    #[command(flatten)]
    filters: FilterOptions,
    #[command(flatten)]
    terms: TermsOptions,
    #[command(flatten)]
    policy: Policy,
    #[command(flatten)]
    confirm: ConfirmOptions,
    /// The form of findings on stdout.
    #[arg(long, value_enum, default_value = "text", help = "The form")]
    format: FindingsFormat,
}

pub(super) fn execute(args: Args) -> Result<Exit, Failure> {
    let folder = args.run.folder()?;
    let found = of_run(&folder)?;
    let results = args.run.results.clone();
    let choice = BaselineChoice { named: args.baseline, baselines: args.baselines, results };
    let comparison = RunComparison::new(&found, &choice, &args.filters, &args.terms)?;
    let mut judged = comparison.judge(&found, &args.policy);
    let confirmation = confirm(&args.confirm, &folder, &judged.findings);
    if confirmation.measured {
        judged = comparison.judge(&of_run(&folder)?, &args.policy);
    }
    print(&(args.format.write)(&judged, terminal_width()));
    Ok(if confirmation.interrupted { Exit::Interrupted } else { args.policy.exit(&judged.findings) })
}
