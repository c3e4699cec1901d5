//! Measuring again what looks slower, before it is called so.

use std::path::PathBuf;

use super::compute::{self, interrupt};
use super::measure::{first_trials, measure_into};
use super::{Failure, run};
use crate::compare::CaseFinding;
use crate::record::{Baseline, Fingerprint, Folder, Measurement};
use crate::runner::{Bench, LoadWatch, host};
use crate::suite::Trial;

/// Whether and how.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Args {
    /// Do not measure again what looks slower: it stays inconclusive
    #[arg(long)]
    no_confirm: bool,
    /// Where datasets are searched first, to measure again
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The program that trains, called with the argument `worker`.
    #[arg(long, hide = true)]
    worker: Option<PathBuf>,
}

/// Measures the suspected cases of a run again, into its folder; whether it did. It does not where
/// this is not the machine or not the software that measured them, and says so.
pub(super) fn confirm(
    args: &Args,
    folder: &Folder,
    found: &[Baseline],
    findings: &[CaseFinding],
) -> Result<bool, Failure> {
    let is_suspected = |trial: &Trial| {
        findings.iter().any(|finding| {
            finding.suite == trial.suite
                && finding.case == trial.case
                && finding.throughput.figures.is_some_and(|figures| figures.suspected)
        })
    };
    let run = folder.read_run()?;
    let mut trials = first_trials(&run.suites, run.environment);
    trials.retain(is_suspected);
    if trials.is_empty() {
        return Ok(false);
    }
    let (measurements, _) = folder.read_measurements();
    let is_first = |one: &&Measurement| trials.iter().any(|trial| trial.case == one.trial.case);
    let (Some(first), Some(fingerprint)) =
        (measurements.iter().find(is_first), found.first().map(|found| &found.fingerprint))
    else {
        return Ok(false);
    };
    let names: Vec<String> = trials.iter().map(|trial| format!("{}/{}", trial.suite, trial.case)).collect();
    let unconfirmed = |why: &str| {
        eprintln!("not measured again: {} ({why}); to confirm, there:", names.join(", "));
        let filters: String = names.iter().map(|name| format!(" --filter {name}")).collect();
        eprintln!("tchbench measure --into {}{filters}", folder.path().display());
        Ok(false)
    };
    if args.no_confirm {
        return unconfirmed("--no-confirm");
    }
    let (launcher, interrupt) = (compute::launcher(args.worker.as_deref())?, interrupt()?);
    let Ok(engine) = launcher.describe(&run.environment, &interrupt) else {
        return unconfirmed("this program cannot measure here");
    };
    let here = Fingerprint { host: host(), engine, load: LoadWatch::begin().end() };
    if here.digest() != fingerprint.digest() {
        return unconfirmed("the run was measured on another machine or by other software");
    }
    let datasets = run::load(&run.suites, args.data.clone())?;
    eprintln!("measuring again what looks slower: {}", names.join(", "));
    let engine = &here.engine;
    let bench = Bench { launcher: &launcher, engine, datasets: &datasets, interrupt: &interrupt };
    let measured = measure_into(folder, &trials, 0.0, &bench, &first.method, false)?;
    for failed in &measured.failed {
        eprintln!("error: {}: {}", failed.trial, failed.fault);
    }
    Ok(!measured.measurements.is_empty() && !measured.interrupted)
}
