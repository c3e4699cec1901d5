//! What a run found against its baseline, as tables.

use super::gates::gates;
use super::reasons::{listed, quarantined, told};
use super::table::{Cell, Column, Table};
use crate::compare::{
    AccuracyFigures, CaseFinding, CaseMargins, MARGINS, Means, SuiteChanges, Terms, ThroughputFigures,
};

type FindingColumn = Column<'static, CaseFinding>;

/// Returns a table for each suite, and one of its gates: a row a case, then why, then what changed besides results, then on
/// what terms.
pub fn diff(findings: &[CaseFinding], changes: &[SuiteChanges], terms: &Terms) -> Vec<Table> {
    let mut tables = diff_by_suite(findings, changes);
    if let Some(last) = tables.last_mut() {
        last.notes.extend(error_rates(findings, terms));
    }
    tables
}

/// Returns the same tables without the terms.
pub(super) fn diff_by_suite(findings: &[CaseFinding], changes: &[SuiteChanges]) -> Vec<Table> {
    let suites = findings.chunk_by(|a, b| a.suite == b.suite);
    suites.flat_map(|findings| std::iter::once(suite(findings, changes)).chain(gates(findings))).collect()
}

/// Returns the table of a suite, which has a row for each of its cases.
pub(super) fn suite(findings: &[CaseFinding], changes: &[SuiteChanges]) -> Table {
    let title = findings.first().map(|first| first.suite.clone()).unwrap_or_default();
    let changed = changes.iter().find(|changed| changed.suite == title);
    let changed = changed.and_then(|changed| listed(&changed.fields));
    Table::new(title, columns(findings), findings)
        .with_notes(notes(findings))
        .with_notes(changed.map(|list| format!("changed since the baseline: {list}")))
}

fn columns(findings: &[CaseFinding]) -> Vec<FindingColumn> {
    let is_failed =
        |finding: &CaseFinding| finding.accuracy.figures.is_some_and(|figures| figures.failed != (0, 0));
    let any_failed = findings.iter().any(is_failed);
    vec![
        FindingColumn::label("case", "case", |finding| Cell::text(&finding.case)),
        FindingColumn::new("accuracy_verdict", "accuracy", |finding| {
            Cell::text(finding.accuracy.verdict.name())
        }),
        FindingColumn::new("accuracy_baseline", "baseline %", |finding| {
            Cell::percent(old(finding).map(|old| old.accuracy), 2)
        }),
        FindingColumn::new("accuracy_run", "run %", |finding| {
            Cell::percent(new(finding).map(|new| new.accuracy), 2)
        }),
        FindingColumn::detail("accuracy_difference", |finding| {
            let means = old(finding).zip(new(finding));
            Cell::percent(means.map(|(old, new)| new.accuracy - old.accuracy), 2)
        }),
        FindingColumn::new("loss_baseline", "loss", |finding| {
            Cell::number(old(finding).map(|old| old.loss), 4)
        }),
        FindingColumn::new("loss_run", "run", |finding| Cell::number(new(finding).map(|new| new.loss), 4)),
        FindingColumn::detail("seeds_baseline", seeds(|figures| Cell::count(figures.seeds.0))),
        FindingColumn::detail("seeds_run", seeds(|figures| Cell::count(figures.seeds.1))),
        FindingColumn::new("failed_baseline", "failed", seeds(|figures| Cell::count(figures.failed.0)))
            .shown_if(any_failed),
        FindingColumn::new("failed_run", "run", seeds(|figures| Cell::count(figures.failed.1)))
            .shown_if(any_failed),
        FindingColumn::detail(
            "paired",
            seeds(|figures| Cell::text(if figures.paired { "yes" } else { "no" })),
        ),
        FindingColumn::detail("p_beyond_margin", seeds(|figures| Cell::number(figures.p_beyond_margin, 4))),
        FindingColumn::detail("p_worse", seeds(|figures| Cell::number(figures.p_worse, 4))),
        FindingColumn::detail("p_better", seeds(|figures| Cell::number(figures.p_better, 4))),
        FindingColumn::new("throughput_verdict", "throughput", |finding| {
            Cell::text(finding.throughput.verdict.name())
        }),
        FindingColumn::new(
            "samples_per_second_baseline",
            "samples/s",
            timed(|figures| Cell::Number(figures.samples_per_second.0, 0)),
        ),
        FindingColumn::new(
            "samples_per_second_run",
            "run",
            timed(|figures| Cell::Number(figures.samples_per_second.1, 0)),
        ),
        FindingColumn::new("time_ratio", "time ratio", timed(|figures| Cell::Number(figures.ratio, 3))),
        FindingColumn::new("time_ratio_low", "from", timed(|figures| Cell::Number(figures.interval.low, 3))),
        FindingColumn::new("time_ratio_high", "to", timed(|figures| Cell::Number(figures.interval.high, 3))),
        FindingColumn::detail("p_slower", timed(|figures| Cell::Number(figures.p_slower, 4))),
        FindingColumn::detail("threshold", timed(|figures| Cell::Percent(figures.threshold, 1))),
        FindingColumn::new("quarantined_until", "quarantined until", |finding| {
            Cell::maybe(finding.quarantine.as_ref(), |quarantine| Cell::text(quarantine.until))
        })
        .shown_if(findings.iter().any(|finding| finding.quarantine.is_some())),
        FindingColumn::detail("reasons", |finding| Cell::Text(reasons(finding).join("; "))),
    ]
}

/// Returns the means of the baseline.
fn old(finding: &CaseFinding) -> Option<Means> {
    finding.accuracy.figures?.old
}

/// Returns the means of the run.
fn new(finding: &CaseFinding) -> Option<Means> {
    finding.accuracy.figures?.new
}

/// Returns a cell of what the seeds of a case show.
fn seeds(cell: fn(&AccuracyFigures) -> Cell) -> impl Fn(&CaseFinding) -> Cell {
    move |finding| finding.accuracy.figures.as_ref().map_or(Cell::Missing, cell)
}

/// Returns a cell of what the measurements of a case show.
fn timed(cell: fn(&ThroughputFigures) -> Cell) -> impl Fn(&CaseFinding) -> Cell {
    move |finding| finding.throughput.figures.as_ref().map_or(Cell::Missing, cell)
}

/// Why a case's verdicts are what they are.
fn reasons(finding: &CaseFinding) -> Vec<String> {
    let accuracy = told(&finding.accuracy).into_iter().map(|reason| format!("accuracy: {reason}"));
    let throughput = told(&finding.throughput).into_iter().map(|reason| format!("throughput: {reason}"));
    let quarantine = finding.quarantine.as_ref().map(quarantined);
    accuracy.chain(throughput).chain(quarantine).collect()
}

/// The reasons of all cases, each told once with the cases that it holds of.
fn notes(findings: &[CaseFinding]) -> Vec<String> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for finding in findings {
        for reason in reasons(finding) {
            match told.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, cases)) => cases.push(&finding.case),
                None => told.push((reason, vec![&finding.case])),
            }
        }
    }
    let all = findings.len();
    let whose = |cases: Vec<&str>| match cases.len() {
        count if count == all && count > 1 => "all cases".to_owned(),
        _ => cases.join(", "),
    };
    told.into_iter().map(|(reason, cases)| format!("{}: {reason}", whose(cases))).collect()
}

/// Tells on what terms the tested verdicts were reached, with their error rates.
pub(super) fn error_rates(findings: &[CaseFinding], terms: &Terms) -> Vec<String> {
    let alpha = percent(terms.alpha);
    let figures = || findings.iter().filter_map(|finding| finding.accuracy.figures);
    let tested = figures().filter(|figures| figures.p_worse.is_some()).count();
    let by_pairs = match figures().filter(|figures| figures.p_worse.is_some() && figures.paired).count() {
        0 => String::new(),
        paired => format!(" ({paired} by pairs of one seed)"),
    };
    let timed = findings.iter().filter(|finding| finding.throughput.figures.is_some()).count();
    let mut gated = findings.iter().flat_map(|finding| &finding.gates);
    let any_gated = gated.any(|gate| gate.finding.figures.is_some());
    let of_gates =
        any_gated.then(|| format!("gates: tested as accuracy is, at {alpha} % over all of them (Holm)"));
    let mut notes = Vec::new();
    if tested > 0 {
        notes.push(format!(
            "accuracy: margin {} points, loss {} %; {tested} cases tested by permutation{by_pairs}, at most {alpha} % \
             of unchanged programs called regressed and {alpha} % of harmed ones unchanged, over all cases (Holm)",
            percent(terms.accuracy_margin),
            percent(terms.loss_margin),
        ));
        notes.push(format!(
            "accuracy of all cases of a suite: margin of the loss {} %, by signed ranks of the pairs of a case and seed \
             at {alpha} % over all suites; told where it is worse",
            percent(terms.suite_margin)
        ));
    }
    if timed > 0 {
        notes.push(format!(
            "throughput: {}; {timed} cases tested by Yuen's t at {alpha} % over all cases (Holm), and regressed or \
             improved only where measuring again shows it, too; an error may repeat as long as the baseline stays",
            threshold(findings, terms),
        ));
    }
    notes.extend(of_gates);
    notes.extend(findings.iter().filter_map(|finding| own_margins(finding, terms)));
    notes
}

/// Tells the margins that a case has in place of those of all.
fn own_margins(finding: &CaseFinding, terms: &Terms) -> Option<String> {
    let CaseMargins { accuracy, loss, throughput, .. } = terms.margins.of(&finding.suite, &finding.case);
    let told = |name: &str, margin: Option<f64>, unit: &str| {
        margin.map(|margin| format!("{name} {} {unit}", percent(margin)))
    };
    let margins =
        [told("accuracy", accuracy, "points"), told("loss", loss, "%"), told("throughput", throughput, "%")];
    let margins: Vec<String> = margins.into_iter().flatten().collect();
    let CaseFinding { suite, case, .. } = finding;
    (!margins.is_empty()).then(|| format!("margins of {suite}/{case} ({MARGINS}): {}", margins.join(", ")))
}

/// Beyond which change a case is slower or faster.
fn threshold(findings: &[CaseFinding], terms: &Terms) -> String {
    let margin = percent(terms.throughput_margin);
    let noise = &terms.noise;
    if !noise.is_calibrated() {
        let floor = percent(noise.largest_floor());
        let larger = percent(terms.throughput_margin.max(noise.largest_floor()));
        return format!(
            "threshold {larger} %, the larger of the margin {margin} % and {floor} % as this machine is not \
             calibrated for this way to measure: run `tchbench calibrate`"
        );
    }
    let larger = format!("the larger of the margin {margin} % and each case's noise floor on this machine");
    let thresholds = || findings.iter().filter_map(|finding| Some(finding.throughput.figures?.threshold));
    match thresholds().reduce(f64::min).zip(thresholds().reduce(f64::max)) {
        Some((least, most)) => {
            format!("thresholds {:.1} to {:.1} %, {larger}", least * 100.0, most * 100.0)
        }
        None => format!("threshold {larger}"),
    }
}

fn percent(fraction: f64) -> String {
    format!("{}", (fraction * 1e6).round() / 1e4)
}
