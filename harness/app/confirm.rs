//! Measuring again what looks slower or faster, before it is called so.

use std::fmt::Display;

use super::datasets;
use super::exit::{Exit, Failure};
use super::options::compute::WorkerProgram;
use super::options::folders::DataFolder;
use super::options::method::options as written;
use super::options::output::ProgressOptions;
use super::suites::first_trials;
use super::throughput::{fingerprint, measure_into, without};
use crate::compare::CaseFinding;
use crate::escape::shell;
use crate::recipe::Trial;
use crate::record::{Folder, Measurement};
use crate::runner::{Bench, Measurements};
use crate::terminal::tell;

/// Whether suspected cases are measured again, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(mut_arg("data", |arg| arg.help("Where datasets are searched first, to measure again")))]
pub struct ConfirmOptions {
    /// Do not measure again what looks slower or faster: what looks slower stays inconclusive, what looks faster unchanged
    #[arg(long)]
    no_confirm: bool,
    #[command(flatten)]
    data: DataFolder,
    #[command(flatten)]
    worker: WorkerProgram,
}

/// What came of measuring again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Confirmation {
    /// Whether the run holds measurements that it did not hold before.
    pub measured: bool,
    /// Whether an interrupt ended it.
    pub interrupted: bool,
}

/// Measures the suspected cases of a run again, into its folder, and returns what came of it. Where it cannot, as where this is
/// not the machine or not the software that measured them, it says why and how to do it.
pub fn confirm(options: &ConfirmOptions, folder: &Folder, findings: &[CaseFinding]) -> Confirmation {
    let suspected: Vec<&CaseFinding> = findings.iter().filter(|finding| finding.is_suspected()).collect();
    if suspected.is_empty() {
        return Confirmation::default();
    }
    let (measurements, _) = folder.read_measurements();
    let first = measurements.iter().find(|one| suspected.iter().any(|finding| is_of(finding, &one.trial)));
    let unconfirmed = |why: &dyn Display| {
        tell!("not measured again: {}: {why}", names(&suspected).join(", "));
        let method = first.map(|first| format!(" {}", written(&first.method))).unwrap_or_default();
        let filters: String =
            names(&suspected).iter().map(|name| format!(" --filter {}", shell::word(name))).collect();
        tell!("to confirm, on the machine and with the software of the run:");
        let path = shell::word(&folder.path().display().to_string());
        tell!("tchbench measure --into {path}{method}{filters}");
    };
    if options.no_confirm {
        unconfirmed(&"--no-confirm");
        return Confirmation::default();
    }
    match first.map_or_else(|| Err(unmeasured(folder)), |first| again(options, folder, &suspected, first)) {
        Ok(Measurements { measurements, interrupted, .. }) => {
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
    options: &ConfirmOptions,
    folder: &Folder,
    suspected: &[&CaseFinding],
    first: &Measurement,
) -> Result<Measurements, Failure> {
    let workers = options.worker.workers()?;
    let run = folder.read_run()?;
    let what = "this program cannot measure here";
    let engine = workers.describe(&run.environment, Exit::BadInput, what)?;
    let here = fingerprint(&engine);
    if here.digest() != first.fingerprint.digest() {
        let message = "the run was measured on another machine or by other software";
        return Err(Failure::new(Exit::Incomparable, message));
    }
    let mut trials = first_trials(&run.suites, run.environment);
    trials.retain(|trial| suspected.iter().any(|finding| is_of(finding, trial)));
    let datasets = datasets::load(&run.suites, &options.data)?;
    tell!("measuring again what looks slower or faster: {}", names(suspected).join(", "));
    let commit = first.fingerprint.commit.as_ref();
    let bench = Bench { commit, ..workers.bench(&engine, &datasets) };
    let mut measured = measure_into(folder, &trials, &bench, &first.method, ProgressOptions::shown())?;
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
