//! What ran, in a few sentences.

use super::content::ReportContent;
use super::document::Document;
use crate::analysis::{Checked, Outcome, Ranking, unrecorded};
use crate::escape::shell;
use crate::metrics::Metric;
use crate::record::{Run, TrialRecord};
use crate::report::metric::cell;
use crate::report::table::Cell;
use crate::report::units;
use crate::stats::mean_interval;

/// Returns the title of a report on these runs.
pub(super) fn title(runs: &[Run]) -> String {
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    format!("tchbench: {}", names.join(", "))
}

/// The first section where there is no baseline: what the runs are, and what came out best.
pub(super) fn without_baseline(
    page: &mut Document,
    content: &ReportContent,
    rankings: &[Ranking],
    checked: &[Checked],
) {
    let records = &content.published.records;
    let failed = records.iter().filter(|record| !record.status.is_success()).count();
    let missing = unrecorded(&content.published.runs, records).len();
    let missed = checked.iter().filter(|checked| checked.outcome == Outcome::NotMet).count();
    let class = if failed + missing + missed > 0 { "open" } else { "good" };
    let mut headline = headline(records, failed, missing);
    if missed > 0 {
        headline += &format!("; {missed} of {} claims not met", checked.len());
    }
    page.verdict(&headline, class);
    page.list("verdicts", rankings.iter().filter_map(best));
    facts(page, content, checked);
    page.paragraph(
        "These runs are compared with nothing: `--baseline` names a baseline's file or another run.",
    );
}

/// A section on the runs.
pub(super) fn what_ran(page: &mut Document, content: &ReportContent, checked: &[Checked]) {
    page.section("runs", "What ran");
    facts(page, content, checked);
}

fn headline(records: &[TrialRecord], failed: usize, missing: usize) -> String {
    let all = records.len() + missing;
    let trials = if all == 1 { "trial" } else { "trials" };
    let mut parts = Vec::new();
    if failed > 0 {
        parts.push(format!("{failed} did not end well"));
    }
    if missing > 0 {
        parts.push(format!("{missing} left no record"));
    }
    match parts.as_slice() {
        [] if all == 0 => "No trial left a record".to_owned(),
        [] => format!("{} {trials}, all ended well", units::count(all as u64)),
        parts => format!("{} {trials}: {}", units::count(all as u64), parts.join(", ")),
    }
}

/// The best case of a suite and dataset, with its interval.
fn best(ranking: &Ranking) -> Option<String> {
    let ranked = ranking.ranked();
    let first = ranked.first()?;
    let accuracy = first.accuracy?;
    let told = |value: f64| cell(Metric::TEST_ACCURACY, value).for_people();
    let seeds = if accuracy.count == 1 { "one seed".to_owned() } else { format!("{} seeds", accuracy.count) };
    let interval = mean_interval(&accuracy).map_or_else(String::new, |interval| {
        format!(", 95 % interval of the mean {} to {}", told(interval.low), told(interval.high))
    });
    Some(format!(
        "{} on {}: of {} cases {} reached the highest {} accuracy, {} % ({seeds}{interval})",
        ranking.suite,
        ranking.dataset,
        ranked.len(),
        first.group.label,
        ranking.measure.name(),
        told(accuracy.mean),
    ))
}

fn facts(page: &mut Document, content: &ReportContent, checked: &[Checked]) {
    let runs = &content.published.runs;
    let list = |of: &dyn Fn(&Run) -> Vec<String>| {
        let mut all: Vec<String> = Vec::new();
        for one in runs.iter().flat_map(of) {
            if !all.contains(&one) {
                all.push(one);
            }
        }
        all
    };
    let machine = |run: &Run| {
        let host = &run.fingerprint.host;
        let engine = &run.fingerprint.engine;
        vec![format!("{}, {} cores, {}, libtorch {}", host.cpu, host.cores, engine.device, engine.libtorch)]
    };
    let suites = |run: &Run| {
        let told = run.suites.iter().map(|suite| {
            let profile = suite.profile.as_ref().map(|profile| format!(" ({profile})")).unwrap_or_default();
            let about = if suite.description.is_empty() { "" } else { ": " };
            format!("{}{profile}{about}{}", suite.name, suite.description)
        });
        told.collect()
    };
    let commit = |run: &Run| run.fingerprint.commit.iter().map(|commit| commit.short()).collect();
    let seconds: f64 = content
        .published
        .records
        .iter()
        .filter_map(|record| Some(record.finished.as_ref()?.wall_seconds))
        .sum();
    let mut facts = vec![
        ("suites", list(&suites)),
        ("machine", list(&machine)),
        ("time of all trials", vec![Cell::Seconds(seconds).for_people()]),
        ("began", list(&|run| vec![run.began.strftime("%Y-%m-%d %H:%M UTC").to_string()])),
        ("commit", list(&commit)),
        ("command", list(&|run| vec![command(run)])),
    ];
    if !checked.is_empty() {
        let count = |outcome| checked.iter().filter(|checked| checked.outcome == outcome).count();
        let open = count(Outcome::Unmeasured);
        let open = if open > 0 { format!(", {open} unmeasured") } else { String::new() };
        facts.push(("claims", vec![format!("{} of {} met{open}", count(Outcome::Met), checked.len())]));
    }
    facts.retain(|(_, texts)| !texts.is_empty());
    page.definitions(&facts);
}

/// The call that began a run, as a shell takes it.
fn command(run: &Run) -> String {
    let arguments = run.invocation.iter().skip(1).map(|word| shell::word(word));
    std::iter::once("tchbench".to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}
