//! How a night ends: with its summary, its line in the history, and one exit code.

use super::file::{NightFiles, write};
use super::gate::{GateOptions, NightComparison};
use super::log::Log;
use crate::analysis::nights;
use crate::app::exit::{Exit, Failure};
use crate::app::runs::Runs;
use crate::record::{Folder, History, Night, write_bytes};
use crate::report::{self, ExportedRuns, Table, TableFormat, render, terminal_width};
use crate::terminal::{self, print};

/// Prints the summary, appends to the history, and returns what the night comes to. What cannot be written
/// is told, and takes nothing from a verdict; it fails a night that is well otherwise. A night that dies
/// before it is in the history is told by the next one.
pub fn end(
    gate: &GateOptions,
    files: NightFiles<'_>,
    folder: &Folder,
    history: &History,
    compared: &NightComparison,
    unmeasured: &[String],
    log: Log,
) -> Exit {
    let mut unwritten = None;
    let mut attempt = |result: Result<(), Failure>| {
        if let Err(failure) = result {
            log.say(format_args!("error: {failure}"));
            unwritten = Some(failure.exit);
        }
    };
    let tonight = tonight(folder, compared);
    let tables = tonight
        .as_deref()
        .map_or_else(|_| compared.tables(), |tonight| tables(folder, history, compared, tonight, log));
    print(&render(&tables, TableFormat::TEXT, terminal_width()));
    if let Some(path) = files.summary {
        attempt(write(path, &render(&tables, TableFormat::MARKDOWN, None)));
    }
    if let Some(path) = files.prometheus {
        attempt(gauges(folder, tonight.as_deref().unwrap_or_default()).and_then(|text| {
            // Whoever collects them never sees half of a file.
            Ok(write_bytes(path, text.as_bytes())?)
        }));
    }
    attempt(gate.write_junit(compared));
    attempt(tonight.and_then(|tonight| Ok(history.append(&tonight)?)));

    let failed = compared.unmeasured(unmeasured) + compared.failed() > 0;
    let exit = match (gate.exit(compared), unwritten) {
        (exit, _) if exit.is_regression() => exit,
        _ if failed => Exit::TrialFailed,
        (Exit::Success, Some(unwritten)) => unwritten,
        (Exit::Success, None) if terminal::is_output_lost() => Exit::Internal,
        (exit, _) => exit,
    };
    log.say(format_args!("exit code {}; records: {}", exit as u8, folder.path().display()));
    exit
}

/// Returns what a night found as gauges for Prometheus.
fn gauges(folder: &Folder, tonight: &[Night]) -> Result<String, Failure> {
    let Runs { runs, records, .. } = Runs::of(folder)?;
    Ok(report::prometheus(&ExportedRuns { runs, records, nights: tonight.to_vec() }))
}

/// The night's lines of the history.
fn tonight(folder: &Folder, compared: &NightComparison) -> Result<Vec<Night>, Failure> {
    let (measurements, _) = folder.read_measurements();
    Ok(nights(&folder.read_run()?, &compared.found, &measurements, &compared.findings))
}

/// The night beside those before it, and its verdicts.
fn tables(
    folder: &Folder,
    history: &History,
    compared: &NightComparison,
    tonight: &[Night],
    log: Log,
) -> Vec<Table> {
    let mut all = Vec::new();
    for suite in &compared.found {
        match history.read(&suite.suite) {
            Ok((nights, unreadable)) => {
                all.extend(nights);
                unreadable.iter().for_each(|error| log.say(format_args!("warning: {error}")));
            }
            Err(error) if error.is_absence() => {}
            Err(error) => log.say(format_args!("warning: {error}")),
        }
    }
    all.retain(|night| night.run != folder.name());
    all.extend_from_slice(tonight);
    report::night(&all, &folder.name()).into_iter().chain(compared.tables()).collect()
}
