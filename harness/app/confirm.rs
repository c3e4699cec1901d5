//! Measuring again what looks slower or faster, before it is called so.

use std::fmt::Display;
use std::path::PathBuf;

use super::datasets;
use super::exit::{Exit, Failure};
use super::options::compute::{self, interrupt, undescribed};
use super::options::method::options;
use super::throughput::{first_trials, measure_into, without};
use crate::compare::CaseFinding;
use crate::escape::shell;
use crate::recipe::Trial;
use crate::record::{Fingerprint, Folder, Measurement};
use crate::runner::{Bench, LoadWatch, Measured, host};
use crate::terminal::tell;

/// Whether and how.
#[derive(Clone, Debug, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Do not measure again what looks slower or faster: what looks slower stays inconclusive, what looks faster unchanged
    #[arg(long)]
    no_confirm: bool,
    /// Where datasets are searched first, to measure again
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The program that trains, called with the argument `worker`.
    #[arg(long, hide = true)]
    worker: Option<PathBuf>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Confirmation {
    /// Whether the run holds measurements that it did not hold before.
    pub measured: bool,
    /// Whether Ctrl-C ended it.
    pub interrupted: bool,
}

/// Measures the suspected cases of a run again, into its folder. Where it cannot, as where this is
/// not the machine or not the software that measured them, it says why and how to do it.
pub fn confirm(args: &Args, folder: &Folder, findings: &[CaseFinding]) -> Confirmation {
    let suspected: Vec<&CaseFinding> = findings.iter().filter(|finding| finding.is_suspected()).collect();
    if suspected.is_empty() {
        return Confirmation::default();
    }
    let (measurements, _) = folder.read_measurements();
    let first = measurements.iter().find(|one| suspected.iter().any(|finding| is_of(finding, &one.trial)));
    let unconfirmed = |why: &dyn Display| {
        tell!("not measured again: {}: {why}", names(&suspected).join(", "));
        let method = first.map(|first| format!(" {}", options(&first.method))).unwrap_or_default();
        let filters: String =
            names(&suspected).iter().map(|name| format!(" --filter {}", shell::word(name))).collect();
        tell!("to confirm, on the machine and with the software of the run:");
        let path = shell::word(&folder.path().display().to_string());
        tell!("tchbench measure --into {path}{method}{filters}");
    };
    if args.no_confirm {
        unconfirmed(&"--no-confirm");
        return Confirmation::default();
    }
    match first.map_or_else(|| Err(unmeasured(folder)), |first| again(args, folder, &suspected, first)) {
        Ok(Measured { measurements, interrupted, .. }) => {
            Confirmation { measured: !measurements.is_empty(), interrupted }
        }
        Err(failure) => {
            unconfirmed(&failure);
            Confirmation { measured: false, interrupted: failure.exit == Exit::Interrupted }
        }
    }
}

/// Measures as the first of them was measured; what an interrupt leaves unfinished is not kept.
fn again(
    args: &Args,
    folder: &Folder,
    suspected: &[&CaseFinding],
    first: &Measurement,
) -> Result<Measured, Failure> {
    let (launcher, interrupt) = (compute::launcher(args.worker.as_deref())?, interrupt()?);
    let run = folder.read_run()?;
    let engine = launcher
        .describe(&run.environment, &interrupt)
        .map_err(|fault| undescribed(fault, Exit::BadInput, "this program cannot measure here"))?;
    let here = Fingerprint { host: host(), engine, load: LoadWatch::begin().end() };
    if here.digest() != first.fingerprint.digest() {
        let message = "the run was measured on another machine or by other software";
        return Err(Failure::new(Exit::Incomparable, message));
    }
    let mut trials = first_trials(&run.suites, run.environment);
    trials.retain(|trial| suspected.iter().any(|finding| is_of(finding, trial)));
    let datasets = datasets::load(&run.suites, args.data.clone())?;
    tell!("measuring again what looks slower or faster: {}", names(suspected).join(", "));
    let engine = &here.engine;
    let bench = Bench { launcher: &launcher, engine, datasets: &datasets, interrupt: &interrupt };
    let mut measured = measure_into(folder, &trials, 0.0, &bench, &first.method, false)?;
    for failed in &measured.failed {
        tell!("error: {}: {}", failed.trial, failed.fault);
    }
    if measured.interrupted {
        let is_this = |one: &Measurement, found: &Measurement| {
            (&one.trial, one.attempt) == (&found.trial, found.attempt)
        };
        let found = measured.measurements;
        let is_of_these = |one: &Measurement| found.iter().any(|found| is_this(one, found));
        let is_short = |one: &Measurement| one.processes.len() < one.method.processes as usize;
        measured.measurements = without(folder, |one| is_of_these(one) && is_short(one))?;
        measured.measurements.retain(is_of_these);
    }
    Ok(measured)
}

fn unmeasured(folder: &Folder) -> Failure {
    Failure::new(Exit::BadInput, format!("{}: no measurement of them can be read", folder.path().display()))
}

fn is_of(finding: &CaseFinding, trial: &Trial) -> bool {
    trial.suite == finding.suite && trial.case == finding.case
}

fn names(findings: &[&CaseFinding]) -> Vec<String> {
    findings.iter().map(|finding| format!("{}/{}", finding.suite, finding.case)).collect()
}
